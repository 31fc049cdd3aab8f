//! The scopes in the descriptions of the routes, from the table in `domain`.

use domain::access::ApiScope;
use utoipa::openapi::{OpenApi, SecurityRequirement};

/// Adds the scope that each operation needs to its security requirement.
pub(super) fn describe(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (true, &mut item.get),
            (false, &mut item.post),
            (false, &mut item.put),
            (false, &mut item.patch),
            (false, &mut item.delete),
        ];
        for (is_read, operation) in operations {
            let scope = ApiScope::of_call(is_read, path);
            if let Some((operation, scope)) = operation.as_mut().zip(scope) {
                operation.security = Some(vec![
                    SecurityRequirement::new("token", [scope.as_str()]),
                    SecurityRequirement::new("session", [""; 0]),
                ]);
            }
        }
    }
}
