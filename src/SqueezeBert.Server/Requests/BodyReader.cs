using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SqueezeBert.Server.Requests;

/// <summary>
/// Reads request bodies from untrusted clients. The number of bytes, the time, the size after decompression and the depth of the JSON are
/// limited.
/// </summary>
internal static class BodyReader
{
    public const string JsonType = "application/json";
    public const string LinesType = "application/x-ndjson";

    /// <summary>Whether the body has lines of JSON.</summary>
    public static bool IsLines(HttpRequest request) => HasType(request, LinesType);

    /// <summary>The body as JSON.</summary>
    /// <exception cref="RequestException">The body is too large, too slow, of another media type, or not JSON.</exception>
    public static async Task<RequestBody> ReadAsync(HttpContext context, SqueezeBertServerOptions options)
    {
        var request = context.Request;

        // A page of another origin may send other kinds without asking the server first.
        if (!HasType(request, JsonType))
            throw new RequestException(Fault.MediaType, $"the content type must be {JsonType}");
        // The limit is kept here. Kestrel's own would hang up on a client that still sends, before it has read why.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
        if (request.ContentLength > options.MaxBodyBytes) throw TooLarge(options.MaxBodyBytes, nameof(options.MaxBodyBytes));
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        timeout.CancelAfter(options.BodyTimeout);
        try
        {
            var bytes = await ReadAllAsync(request.Body, options.MaxBodyBytes, nameof(options.MaxBodyBytes), timeout.Token)
                .ConfigureAwait(false);
            var encoding = request.Headers.ContentEncoding.ToString();
            if (encoding.Length > 0 && encoding != "identity")
                bytes = await UnpackAsync(bytes, encoding, options, timeout.Token).ConfigureAwait(false);
            return new RequestBody(bytes, Parse(bytes.WrittenMemory, options));
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new RequestException(Fault.Slow, $"the body did not come in {options.BodyTimeout.TotalSeconds:0} seconds");
        }
        catch (BadHttpRequestException e)
        {
            throw Of(e, options);
        }
        catch (IOException) when (!context.RequestAborted.IsCancellationRequested)
        {
            // A chunk that is longer than any number.
            throw new RequestException(Fault.Malformed, "the request is no HTTP that is understood");
        }
    }

    /// <summary>Converts an error that Kestrel reported while reading.</summary>
    public static RequestException Of(BadHttpRequestException e, SqueezeBertServerOptions options) => e.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => TooLarge(options.MaxBodyBytes, nameof(options.MaxBodyBytes)),
        StatusCodes.Status408RequestTimeout => new RequestException(Fault.Slow, "the body came too slowly"),
        _ => new RequestException(Fault.Malformed, "the request is no HTTP that is understood"),
    };

    /// <summary>A piece of JSON.</summary>
    /// <exception cref="RequestException">The text is not JSON, or it is nested too deeply.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> bytes, SqueezeBertServerOptions options)
    {
        // Some editors and clients write the mark of UTF-8 before their text.
        if (bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes["\uFEFF"u8.Length..];
        try
        {
            return JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = options.MaxJsonDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            var place = e.LineNumber is { } line ? string.Create(
                CultureInfo.InvariantCulture, $": line {line + 1}, byte {e.BytePositionInLine + 1}") : "";
            throw new RequestException(
                Fault.Malformed, $"the body is no JSON of at most {options.MaxJsonDepth} levels, with each name once{place}");
        }
        catch (InvalidOperationException)
        {
            throw new RequestException(Fault.Malformed, "a name in the body has half of a surrogate pair, which is no text");
        }
    }

    private static bool HasType(HttpRequest request, string type)
    {
        var given = request.ContentType.AsSpan();
        var end = given.IndexOf(';');
        return (end < 0 ? given : given[..end]).Trim().Equals(type, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<ArrayBufferWriter<byte>> UnpackAsync(
        ArrayBufferWriter<byte> packed, string encoding, SqueezeBertServerOptions options, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream(packed.WrittenSpan.ToArray(), writable: false);
        using Stream unpacked = encoding.ToLowerInvariant() switch
        {
            "gzip" => new GZipStream(bytes, CompressionMode.Decompress),
            "deflate" => new ZLibStream(bytes, CompressionMode.Decompress),
            "br" => new BrotliStream(bytes, CompressionMode.Decompress),
            _ => throw new RequestException(Fault.MediaType, "the content encoding must be gzip, deflate or br"),
        };
        try
        {
            return await ReadAllAsync(
                unpacked, options.MaxDecompressedBytes, nameof(options.MaxDecompressedBytes), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            throw new RequestException(Fault.Malformed, $"the body is no {encoding}");
        }
    }

    private static async Task<ArrayBufferWriter<byte>> ReadAllAsync(
        Stream stream, int limit, string name, CancellationToken cancellationToken)
    {
        // What a length promises is not believed: the buffer grows with what comes.
        var buffer = new ArrayBufferWriter<byte>(4096);
        while (true)
        {
            var read = await stream.ReadAsync(buffer.GetMemory(4096), cancellationToken).ConfigureAwait(false);
            if (read == 0) return buffer;
            buffer.Advance(read);
            if (buffer.WrittenCount > limit) throw TooLarge(limit, name);
        }
    }

    private static RequestException TooLarge(int limit, string name) =>
        new(Fault.TooLarge, $"the body is larger than the {limit} bytes that are taken ({name})");
}

/// <summary>A body and the JSON in it.</summary>
/// <param name="bytes">As they were sent, unpacked.</param>
/// <param name="document">What they say.</param>
internal sealed class RequestBody(ArrayBufferWriter<byte> bytes, JsonDocument document) : IDisposable
{
    public ReadOnlyMemory<byte> Bytes => bytes.WrittenMemory;

    public JsonElement Root => document.RootElement;

    public void Dispose() => document.Dispose();
}
