using System.Globalization;

namespace SqueezeBert.Hub;

/// <summary>
/// Where models are downloaded from and where they are cached. The defaults are those of the Hugging Face tools, so that both share one
/// cache.
/// </summary>
public sealed record HubOptions
{
    /// <summary>
    /// The address of the server. The default is "https://huggingface.co"; <see cref="FromEnvironment()"/> reads HF_ENDPOINT.
    /// </summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>The root folder of the cache. It contains a folder "models--OWNER--NAME" for each model.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>The access token, which is sent to <see cref="Endpoint"/> and to no other host. Null sends no token.</summary>
    public string? Token { get; init; }

    /// <summary>Whether the network is never used.</summary>
    public bool IsOffline { get; init; }

    /// <summary>
    /// Whether the files of a snapshot are symbolic links to the blobs, if the system allows it (default true). Otherwise they are separate
    /// files.
    /// </summary>
    public bool UseLinks { get; init; } = true;

    /// <summary>The longest time to wait for the headers of a response (default 10 seconds).</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest time to wait for the next bytes of a file (default 10 seconds).</summary>
    public TimeSpan DownloadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The lowest acceptable download speed in bytes per second, averaged over a <see cref="DownloadTimeout"/> (default 1,000). A slower
    /// download is abandoned, and its bytes are kept for the next attempt. 0 accepts any speed.
    /// </summary>
    public int MinBytesPerSecond { get; init; } = 1000;

    /// <summary>
    /// Receives a message of one line before each pause that is followed by another attempt. The message says why the download is waiting.
    /// The callback runs on the downloading thread. Null reports nothing.
    /// </summary>
    public Action<string>? Notice { get; init; }

    /// <summary>
    /// The largest total size of a model's files in bytes (default 10 GiB). A larger model is refused before anything is downloaded.
    /// </summary>
    public long MaxBytes { get; init; } = 10L << 30;

    /// <summary>
    /// The HTTP client that sends the requests, for example one with a proxy or certificates. The caller remains responsible for disposing
    /// it. It must not follow redirects (AllowAutoRedirect = false on its handler), because redirects carry the hashes that files are
    /// verified with. It must not decompress responses. Null uses a client of the library.
    /// </summary>
    public HttpClient? Client { get; init; }

    /// <summary>The pause between attempts, which tests replace.</summary>
    internal Func<TimeSpan, CancellationToken, Task> Delay { get; init; } = Task.Delay;

    /// <summary>
    /// Reads the options from the environment variables that the Hugging Face tools use: HF_ENDPOINT; HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE,
    /// HF_HOME, XDG_CACHE_HOME; HF_TOKEN, HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH, HF_HUB_DISABLE_IMPLICIT_TOKEN; HF_HUB_OFFLINE,
    /// TRANSFORMERS_OFFLINE; HF_HUB_DISABLE_SYMLINKS; HF_HUB_ETAG_TIMEOUT, HF_HUB_DOWNLOAD_TIMEOUT (seconds).
    /// </summary>
    /// <exception cref="HubException">A variable has an invalid value. The message names the variable.</exception>
    public static HubOptions FromEnvironment() => FromEnvironment(Environment.GetEnvironmentVariable);

    /// <summary>Describes the options without the token.</summary>
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
