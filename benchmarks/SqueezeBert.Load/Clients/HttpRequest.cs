using System.Text;

namespace SqueezeBert.Load.Clients;

/// <summary>A request whose bytes are there before its time comes.</summary>
/// <param name="Bytes">Head and body.</param>
/// <param name="Texts">How many texts it has.</param>
internal sealed record HttpRequest(ReadOnlyMemory<byte> Bytes, int Texts)
{
    public static HttpRequest Post(Uri address, string body, int texts = 1, string type = "application/json", string? key = null)
    {
        var content = Encoding.UTF8.GetBytes(body);
        var authorization = key is null ? "" : $"Authorization: Bearer {key}\r\n";
        var head = Encoding.ASCII.GetBytes(
            $"POST {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\n{authorization}Content-Type: {type}\r\n" +
            $"Content-Length: {content.Length}\r\n\r\n");
        return new HttpRequest((byte[])[.. head, .. content], texts);
    }
}
