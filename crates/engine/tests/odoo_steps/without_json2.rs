//! An Odoo without JSON-2: the real Odoo behind a proxy that responds to JSON-2 calls with 404.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use url::Url;

/// Starts the proxy and returns its URL. The proxy runs until the test ends.
pub(crate) async fn without_json2(odoo: &Url) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let odoo = odoo.authority().to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(forward(client, odoo.clone()));
        }
    });
    url
}

async fn forward(mut client: TcpStream, odoo: String) -> std::io::Result<()> {
    const PAGE: &[u8] =
        b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 9\r\nConnection: close\r\n\r\nNot Found";
    let mut request = vec![0; 64 * 1024];
    let length = client.read(&mut request).await?;
    let request = &request[..length];
    if request.starts_with(b"POST /json/2/") {
        return client.write_all(PAGE).await;
    }
    let mut server = TcpStream::connect(odoo).await?;
    server.write_all(request).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}
