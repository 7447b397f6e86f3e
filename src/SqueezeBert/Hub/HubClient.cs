using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using SqueezeBert.Files;

namespace SqueezeBert.Hub;

/// <summary>What the server says about a file before it is downloaded.</summary>
/// <param name="Etag">The hash that names the blob.</param>
/// <param name="Size">The number of bytes, or null if the server does not give it.</param>
/// <param name="Address">The address of the content: on the server itself, or on a content delivery network.</param>
internal sealed record HubFileHeader(string Etag, long? Size, Uri Address);

/// <summary>
/// The HTTP interface of the hub. It follows redirects by itself, so that the token is sent to the endpoint and to no other host. It
/// repeats requests that may succeed later.
/// </summary>
internal sealed class HubClient : IDisposable
{
    private const int MaxRedirects = 5;
    private const int MaxAttempts = 5;
    private const int MaxConnectAttempts = 3;
    private const int MaxListLength = 32 << 20;
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(60);
    private readonly HubOptions _options;
    private readonly HttpClient _http;
    private readonly ProductInfoHeaderValue _agent = new(
        "squeezebert-dotnet", typeof(HubClient).Assembly.GetName().Version?.ToString(2) ?? "0");

    public HubClient(HubOptions options)
    {
        _options = options;
        _http = options.Client ?? new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = options.AnswerTimeout
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Returns the files of a model at a revision, and the commit of the revision.</summary>
    public async Task<HubListing> ListAsync(ModelReference model, CancellationToken cancellationToken)
    {
        var address = Address($"api/models/{model.Id}/revision/{Uri.EscapeDataString(model.Revision)}?blobs=true");
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var response = await SendAsync(HttpMethod.Get, address, 0, isHead: false, cancellationToken).ConfigureAwait(false);
                if (!response.IsSuccessStatusCode) throw Refused(model, null, response);
                using var buffer = new MemoryStream();
                await CopyAsync(response, buffer, MaxListLength, cancellationToken).ConfigureAwait(false);
                return HubListing.Parse(model, buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
            }
            catch (InvalidDataException e)
            {
                throw new HubException($"{model}: the server's list of files has more than {MaxListLength} bytes", inner: e);
            }
            catch (SlowTransferException e)
            {
                throw new HubException($"{model}: its list of files: {e.Message}; try again later", inner: e);
            }
            catch (IOException e)
            {
                if (attempt == MaxConnectAttempts - 1) throw new HubException(
                    $"{model}: {address.Host} does not send its list of files whole ({e.Message}); try again later", inner: e);
                await PauseAsync(attempt, null, $"{address.Host}: {e.Message}", cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Returns what the server says about a file at a commit.</summary>
    public async Task<HubFileHeader> HeaderAsync(ModelReference model, string commit, string file, CancellationToken cancellationToken)
    {
        var address = Address($"{model.Id}/resolve/{commit}/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}");
        using var response = await SendAsync(HttpMethod.Head, address, 0, isHead: true, cancellationToken).ConfigureAwait(false);
        var isRedirect = IsRedirect(response.StatusCode);
        if (!response.IsSuccessStatusCode && !isRedirect) throw Refused(model, file, response);
        if (Header(response, "X-Repo-Commit") is { } other && other != commit)
            throw new HubException($"{model}: {file}: the server answers with commit '{Shown(other)}' instead of {commit}");
        var etag = Etag(Header(response, "X-Linked-Etag") ?? Header(response, "ETag"));
        if (etag is null) throw new HubException($"{model}: {file}: the server gives no usable ETag, so the file cannot be checked");
        var linkedSize = long.TryParse(Header(response, "X-Linked-Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : (long?)null;
        var size = linkedSize ?? (isRedirect ? null : response.Content.Headers.ContentLength);
        return new HubFileHeader(etag, size, isRedirect ? Target(response) : response.RequestMessage!.RequestUri!);
    }

    /// <summary>
    /// Requests the content of a file from an offset. The status may be 200 (from the start), 206 or 416; any other status throws an
    /// exception.
    /// </summary>
    public async Task<HttpResponseMessage> GetAsync(
        ModelReference model, string file, Uri address, long from, CancellationToken cancellationToken)
    {
        var response = await SendAsync(HttpMethod.Get, address, from, isHead: false, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable)
            return response;
        using (response) throw Refused(model, file, response);
    }

    /// <summary>
    /// Copies the body of a response. The next bytes must arrive within <see cref="HubOptions.DownloadTimeout"/>, and the average speed
    /// over the same time must be at least <see cref="HubOptions.MinBytesPerSecond"/>.
    /// </summary>
    /// <exception cref="InvalidDataException">The body has more than <paramref name="most"/> bytes.</exception>
    /// <exception cref="SlowTransferException">The server is too slow.</exception>
    /// <exception cref="DestinationException">The bytes cannot be written.</exception>
    /// <exception cref="IOException">The connection ends too early.</exception>
    public async Task CopyAsync(HttpResponseMessage response, Stream destination, long most, CancellationToken cancellationToken,
        Action<ReadOnlySpan<byte>>? onBytes = null)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = body.ConfigureAwait(false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var buffer = new byte[1 << 16];
        long total = 0;
        var pace = new TransferPace(_options.MinBytesPerSecond, _options.DownloadTimeout);
        while (true)
        {
            int count;
            try
            {
                patience.CancelAfter(_options.DownloadTimeout);
                count = await body.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new IOException($"no bytes came for {_options.DownloadTimeout.TotalSeconds:0.#} s", e);
            }

            if (count == 0) return;
            total += count;
            if (total > most) throw new InvalidDataException($"{Host(response)} sends more than the {most} bytes that it promised");
            try
            {
                await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                throw new DestinationException(e);
            }

            onBytes?.Invoke(buffer.AsSpan(0, count));
            if (pace.Add(count) is { } speed)
                throw new SlowTransferException(string.Create(CultureInfo.InvariantCulture,
                    $"{Host(response)} sends {speed:0.#} bytes a second, fewer than the {_options.MinBytesPerSecond} that are waited for"));
        }
    }

    /// <summary>
    /// Pauses before another attempt and reports it. The pause is half a second, doubled each time, or as long as the server requests.
    /// </summary>
    public Task PauseAsync(int attempt, TimeSpan? asked, string reason, CancellationToken cancellationToken)
    {
        var pause = asked ?? TimeSpan.FromSeconds(0.5 * Math.Pow(2, attempt));
        if (pause > MaxPause) pause = MaxPause;
        _options.Notice?.Invoke(string.Create(
            CultureInfo.InvariantCulture, $"{MessagePart.OneLine(reason)}; trying again in {pause.TotalSeconds:0.#} s"));
        return _options.Delay(pause, cancellationToken);
    }

    /// <summary>Creates the exception for a network that cannot be reached.</summary>
    public static HubException Unreachable(ModelReference model, Exception e, Uri address) =>
        new($"{model}: {address.Host} cannot be reached ({e.Message}); without a network only models that were pulled before are " +
            "available (HF_HUB_OFFLINE=1), or copy the folder", inner: e);

    public void Dispose()
    {
        if (_options.Client is null) _http.Dispose();
    }

    private Uri Address(string relative) => new($"{_options.Endpoint.AbsoluteUri.TrimEnd('/')}/{relative}");

    /// <summary>
    /// Sends a request, follows redirects, and repeats it after a fault of the network or the server. A HEAD request follows redirects only
    /// on the endpoint (for a renamed model). Elsewhere the redirect itself is the response, because it carries the hash.
    /// </summary>
    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri address, long from, bool isHead, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var response = await FollowAsync(method, address, from, isHead, cancellationToken).ConfigureAwait(false);
                if (attempt == MaxAttempts - 1 || !IsPassing(response.StatusCode)) return response;

                // A server that asks for an hour has its answer taken as it is, and the message says how long it asked for.
                var asked = RetryAfter(response);
                if (asked > MaxPause) return response;
                var reason = $"{address.Host} answers with HTTP {(int)response.StatusCode}";
                response.Dispose();
                await PauseAsync(attempt, asked, reason, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException e) when (attempt < MaxConnectAttempts - 1)
            {
                await PauseAsync(attempt, null, $"{address.Host}: {e.Message}", cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<HttpResponseMessage> FollowAsync(
        HttpMethod method, Uri address, long from, bool isHead, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(method, address);
            if (_options.Token is { } token && IsEndpoint(address)) request.Headers.Authorization = Bearer(token);
            request.Headers.UserAgent.Add(_agent);
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
            if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
            var response = await AnswerAsync(request, cancellationToken).ConfigureAwait(false);
            if (request.RequestUri != address)
            {
                response.Dispose();
                throw new HubException(
                    $"{address.Host}: the client of {nameof(HubOptions)}.{nameof(HubOptions.Client)} follows redirects by itself, and " +
                        "with them the files' hashes are lost: set AllowAutoRedirect = false on its handler");
            }

            if (!IsRedirect(response.StatusCode)) return response;
            Uri target;
            try
            {
                target = Target(response);
            }
            catch
            {
                response.Dispose();
                throw;
            }

            if (isHead && !IsEndpoint(target)) return response;

            // A large file of a server that keeps it on the same host: the redirect carries the hash all the same.
            if (isHead && Header(response, "X-Linked-Etag") is not null) return response;
            response.Dispose();
            if (redirects == MaxRedirects) throw new HubException($"{address.Host} redirects more than {MaxRedirects} times");
            address = target;
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_options.AnswerTimeout);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"no answer for {_options.AnswerTimeout.TotalSeconds:0.#} s", e);
        }
    }

    private bool IsEndpoint(Uri address) =>
        address.Scheme == _options.Endpoint.Scheme && address.Port == _options.Endpoint.Port
            && string.Equals(address.Host, _options.Endpoint.Host, StringComparison.OrdinalIgnoreCase);

    private static AuthenticationHeaderValue Bearer(string token)
    {
        try
        {
            return new AuthenticationHeaderValue("Bearer", token);
        }
        catch (FormatException e)
        {
            throw new HubException("the token (HF_TOKEN) has characters that a token cannot have", inner: e);
        }
    }

    private static Uri Target(HttpResponseMessage response)
    {
        var from = response.RequestMessage!.RequestUri!;
        if (response.Headers.Location is not { } location) throw new HubException($"{from.Host} redirects to nowhere");
        var target = new Uri(from, location);
        if (target.Scheme is not ("http" or "https"))
            throw new HubException($"{from.Host} redirects to an address of the kind '{target.Scheme}', which is not followed");
        if (from.Scheme == "https" && target.Scheme == "http")
            throw new HubException($"{from.Host} redirects from https to http, which is not followed");
        return target;
    }

    private HubException Refused(ModelReference model, string? file, HttpResponseMessage response)
    {
        var what = file is null ? $"{model}" : $"{model}: {file}";
        var token = _options.Token is null ? "set HF_TOKEN to a token that may read it" : "the token that is set may not read it";
        var host = Host(response);
        var later = RetryAfter(response) is { } wait && wait > TimeSpan.Zero
            ? string.Create(CultureInfo.InvariantCulture, $"try again in {wait.TotalSeconds:0} s, as it asks for") : "try again later";
        var reason = (response.StatusCode, Header(response, "X-Error-Code")) switch
        {
            (_, "GatedRepo") or (HttpStatusCode.Forbidden, _) => $"access is restricted; accept its terms on its page at {host}; {token}",
            (_, "RevisionNotFound") => $"there is no revision '{model.Revision}' at {host}",
            (_, "EntryNotFound") => $"there is no such file at {host}",
            (HttpStatusCode.Unauthorized, _) or (_, "RepoNotFound") =>
                $"there is no such model at {host}, or it is private; check the name; {token}",
            (HttpStatusCode.NotFound, _) => $"not found at {host}; check the name and the revision",
            (HttpStatusCode.TooManyRequests, _) => $"{host} asks for fewer requests (HTTP 429); {later}",
            var (status, _) => $"{host} answers with HTTP {(int)status}; {later}",
        };
        return new HubException($"{what}: {reason}", response.StatusCode);
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > DateTimeOffset.UtcNow ? date - DateTimeOffset.UtcNow : TimeSpan.Zero,
        _ => null,
    };

    private static string Host(HttpResponseMessage response) => response.RequestMessage!.RequestUri!.Host;

    private static bool IsRedirect(HttpStatusCode status) => (int)status is 301 or 302 or 303 or 307 or 308;

    private static bool IsPassing(HttpStatusCode status) => (int)status is 408 or 429 or 500 or 502 or 503 or 504;

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values)
            ? values.First() : null;

    /// <summary>Returns the tag without quotes and without the mark of weak tags. Null if it cannot be used as a file name.</summary>
    private static string? Etag(string? text)
    {
        if (text is null) return null;
        if (text.StartsWith("W/", StringComparison.Ordinal)) text = text[2..];
        text = text.Trim('"');
        return text.Length is > 0 and <= 128 && text[0] != '.' && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? text : null;
    }

    private static string Shown(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
