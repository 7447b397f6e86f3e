using System.Globalization;

namespace SqueezeBert.Hub;

/// <summary>
/// Where models come from and where they are kept. The defaults are those of the hub's own tools, so that both find each other's files.
/// </summary>
public sealed record HubOptions
{
    /// <summary>The server; "https://huggingface.co" unless HF_ENDPOINT says otherwise.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>The cache's root, with a folder "models--OWNER--NAME" for each model.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>Sent to <see cref="Endpoint"/> and to no other host; null: none.</summary>
    public string? Token { get; init; }

    /// <summary>Whether the network is never used.</summary>
    public bool IsOffline { get; init; }

    /// <summary>Whether snapshots are links to the blobs, where the system allows it. Otherwise they are files of their own.</summary>
    public bool UseLinks { get; init; } = true;

    /// <summary>The longest wait for the headers of an answer.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait for the next bytes of a file.</summary>
    public TimeSpan DownloadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most bytes of all files of a model together; more is refused before it is fetched.</summary>
    public long MaxBytes { get; init; } = 10L << 30;

    /// <summary>
    /// What requests are sent with: a client of the caller's own, with a proxy or certificates, which stays the caller's to dispose. It
    /// must not follow redirects (AllowAutoRedirect = false on its handler), because they carry the hashes that files are checked with,
    /// and must not unpack answers. Null: a client of the hub's own.
    /// </summary>
    public HttpClient? Client { get; init; }

    /// <summary>What is waited for between attempts; tests do not wait.</summary>
    internal Func<TimeSpan, CancellationToken, Task> Delay { get; init; } = Task.Delay;

    /// <summary>
    /// From the environment, as the hub's own tools read it: HF_ENDPOINT; HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME;
    /// HF_TOKEN, HF_TOKEN_PATH, HF_HUB_DISABLE_IMPLICIT_TOKEN; HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE; HF_HUB_DISABLE_SYMLINKS;
    /// HF_HUB_ETAG_TIMEOUT, HF_HUB_DOWNLOAD_TIMEOUT (seconds).
    /// </summary>
    /// <exception cref="HubException">A variable has a value that makes no sense; the message names it.</exception>
    public static HubOptions FromEnvironment() => FromEnvironment(Environment.GetEnvironmentVariable);

    /// <summary>Without the token.</summary>
    public override string ToString() => $"{Endpoint}, cache {CacheFolder}{(IsOffline ? ", offline" : "")}";

    internal static HubOptions FromEnvironment(Func<string, string?> variable)
    {
        var home = Path("HF_HOME")
            ?? System.IO.Path.Combine(Path("XDG_CACHE_HOME") ?? System.IO.Path.Combine(UserFolder(), ".cache"), "huggingface");
        return new HubOptions
        {
            Endpoint = Endpoint(),
            CacheFolder = Path("HF_HUB_CACHE") ?? Path("HUGGINGFACE_HUB_CACHE") ?? System.IO.Path.Combine(home, "hub"),
            Token = Flag("HF_HUB_DISABLE_IMPLICIT_TOKEN") ? null : Text("HF_TOKEN") ?? Text("HUGGING_FACE_HUB_TOKEN")
                ?? TokenFile(Path("HF_TOKEN_PATH") ?? System.IO.Path.Combine(home, "token")),
            IsOffline = Flag("HF_HUB_OFFLINE") || Flag("TRANSFORMERS_OFFLINE"),
            UseLinks = !Flag("HF_HUB_DISABLE_SYMLINKS"),
            AnswerTimeout = Seconds("HF_HUB_ETAG_TIMEOUT"),
            DownloadTimeout = Seconds("HF_HUB_DOWNLOAD_TIMEOUT"),
        };

        string? Text(string name) => variable(name)?.Trim() is { Length: > 0 } text ? text : null;

        bool Flag(string name) => Text(name)?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

        string? Path(string name) => Text(name) switch
        {
            null => null,
            "~" => UserFolder(),
            var path when path.StartsWith("~/", StringComparison.Ordinal) || path.StartsWith("~\\", StringComparison.Ordinal) =>
                System.IO.Path.Combine(UserFolder(), path[2..]),
            var path => path,
        };

        Uri Endpoint()
        {
            if (Text("HF_ENDPOINT") is not { } text) return new Uri("https://huggingface.co");
            return Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? uri
                : throw new HubException($"HF_ENDPOINT is '{text}'; it must be an address like https://huggingface.co");
        }

        TimeSpan Seconds(string name)
        {
            if (Text(name) is not { } text) return TimeSpan.FromSeconds(10);
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86_400
                ? TimeSpan.FromSeconds(seconds)
                : throw new HubException($"{name} is '{text}'; it must be a number of seconds");
        }
    }

    private static string UserFolder() =>
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    private static string? TokenFile(string path)
    {
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length > 4096) return null;
            return File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
