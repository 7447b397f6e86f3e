using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Calls;

/// <summary>The API keys of the server. A comparison takes the same time for all keys, even for one that is almost right.</summary>
internal sealed class ApiKeys(SqueezeBertServerOptions options)
{
    private const string Scheme = "Bearer ";

    // Of one length each, so that nothing is told by the time but the number of keys.
    private readonly byte[][] _hashes = [.. options.ApiKeys.Select(key => SHA256.HashData(Encoding.ASCII.GetBytes(key)))];

    /// <exception cref="RequestException">The server has keys, and the request contains none of them.</exception>
    public void Check(HttpRequest request)
    {
        if (_hashes.Length == 0) return;
        var header = request.Headers.Authorization.ToString();
        var given = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(given));
        var isKnown = false;
        foreach (var known in _hashes) isKnown |= CryptographicOperations.FixedTimeEquals(known, hash);
        if (!isKnown) throw new RequestException(Fault.Unauthorized, "an API key is needed: Authorization: Bearer KEY");
    }
}
