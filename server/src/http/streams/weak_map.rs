use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// A map that keeps a value as long as one of the returned [`Arc`]s exists.
pub(super) struct WeakMap<K, V>(Mutex<HashMap<K, Weak<V>>>);

impl<K: Eq + Hash, V> WeakMap<K, V> {
    /// Returns the value of a key. Creates the value if the map has none.
    pub(super) fn get_or_insert(&self, key: K, create: impl FnOnce() -> V) -> Arc<V> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = values.get(&key).and_then(Weak::upgrade) {
            return value;
        }
        values.retain(|_, value| value.strong_count() > 0);
        let value = Arc::new(create());
        values.insert(key, Arc::downgrade(&value));
        value
    }
}

impl<K, V> Default for WeakMap<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K, V> fmt::Debug for WeakMap<K, V> {
    /// Does not print the keys, because some are secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakMap").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_shared_while_it_is_used_and_removed_afterwards() {
        let map = WeakMap::default();
        let first = map.get_or_insert(1, || "first");
        assert_eq!(*map.get_or_insert(1, || "second"), "first");
        drop(first);
        assert_eq!(*map.get_or_insert(2, || "other"), "other");
        assert_eq!(*map.get_or_insert(1, || "second"), "second");
        assert_eq!(map.0.lock().unwrap().len(), 1);
    }
}
