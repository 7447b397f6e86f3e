using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace SqueezeBert.Cli.CommandLine;

/// <summary>
/// An address to listen on. It is read strictly, because the server listens on all of the machine's addresses where it does not understand
/// a host.
/// </summary>
/// <param name="Host">An IP address, "localhost", "*" or "+".</param>
/// <param name="Port">The port, or null for that of HTTP.</param>
internal sealed partial record ListenAddress(string Host, int? Port)
{
    private const string Example = "http://127.0.0.1:8080";

    /// <summary>The addresses of an option, which has at least one.</summary>
    /// <param name="text">The addresses, separated by ';'.</param>
    /// <param name="option">The option's name.</param>
    /// <exception cref="UsageException">There is none, or one is wrong.</exception>
    public static IReadOnlyList<ListenAddress> ReadAll(string text, string option)
    {
        var addresses = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return addresses.Length > 0 ? [.. addresses.Select(address => Read(address, option))]
            : throw new UsageException($"{option} names no address; give one such as {Example}");
    }

    /// <summary>The same host with another port.</summary>
    public ListenAddress WithPort(int port) => this with { Port = port };

    public override string ToString() => Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"http://{Host}:{port}")
        : $"http://{Host}";

    private static ListenAddress Read(string text, string option)
    {
        var parts = Address().Match(text);
        if (!parts.Success || (parts.Groups[2].Success && PortOf(parts) is null))
            throw new UsageException($"{option} takes addresses such as {Example}, not '{text}'; TLS is for a proxy before it");
        var host = parts.Groups[1].Value;
        if (!IsHost(host))
        {
            throw new UsageException(
                $"{option} takes an IP address, localhost, * or + as the host, not '{host}': it would listen on all addresses; " +
                $"give http://*:8080 for that, or one such as {Example}");
        }

        var port = PortOf(parts);
        return port == 0 && host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            ? throw new UsageException($"{option} takes no free port of localhost, which is two addresses; give http://127.0.0.1:0")
            : new ListenAddress(host, port);
    }

    private static int? PortOf(Match parts) =>
        int.TryParse(parts.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort
            ? port : null;

    /// <summary>Whether the server understands it. An IPv6 address is in brackets.</summary>
    private static bool IsHost(string host) => host is "*" or "+" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out _) && host.Contains(':', StringComparison.Ordinal) == (host[0] == '['));

    [GeneratedRegex(@"^http://(\[[^\]@/?#]+\]|[^:@/?#\[\]\s]+)(?::([0-9]+))?/?\z", RegexOptions.IgnoreCase)]
    private static partial Regex Address();
}
