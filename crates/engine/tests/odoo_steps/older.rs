//! A server that is older than JSON-2: the real one, behind a proxy that knows no such address.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use url::Url;

/// The address of an Odoo without JSON-2, for as long as the test runs.
pub async fn without_json2(odoo: &Url) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let odoo = odoo.authority().to_owned();
    tokio::spawn(async move {
        while let Ok((caller, _)) = listener.accept().await {
            tokio::spawn(pass_on(caller, odoo.clone()));
        }
    });
    url
}

async fn pass_on(mut caller: TcpStream, odoo: String) -> std::io::Result<()> {
    const PAGE: &[u8] =
        b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 9\r\nConnection: close\r\n\r\nNot Found";
    let mut begun = vec![0; 64 * 1024];
    let length = caller.read(&mut begun).await?;
    let begun = &begun[..length];
    if begun.starts_with(b"POST /json/2/") {
        return caller.write_all(PAGE).await;
    }
    let mut server = TcpStream::connect(odoo).await?;
    server.write_all(begun).await?;
    copy_bidirectional(&mut caller, &mut server).await.map(drop)
}
