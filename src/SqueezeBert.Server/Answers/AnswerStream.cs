using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Answers;

/// <summary>
/// Sends answers one by one, while others are still being computed: as one line each (NDJSON), or as one Server-Sent Event each, whose id
/// is the number of the item. The last event has the type "end". A stream that is interrupted has no such event. Not thread-safe.
/// </summary>
internal sealed class AnswerStream
{
    public const string EventsType = "text/event-stream";

    private readonly HttpContext _context;
    private readonly bool _hasEvents;
    private long _count;

    private AnswerStream(HttpContext context, bool hasEvents) => (_context, _hasEvents) = (context, hasEvents);

    /// <summary>Returns whether the client requests its answers one by one, although it sends all items at once.</summary>
    public static bool IsWanted(HttpRequest request) => Accepts(request, EventsType) || Accepts(request, BodyReader.LinesType);

    /// <summary>Begins the response, whose status is 200 from then on.</summary>
    public static async Task<AnswerStream> StartAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var stream = new AnswerStream(context, Accepts(context.Request, EventsType));
        context.Response.ContentType = stream._hasEvents ? EventsType : BodyReader.LinesType;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (stream._hasEvents) context.Response.Headers.CacheControl = "no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await context.Response.StartAsync(cancellationToken).ConfigureAwait(false);
        return stream;
    }

    /// <summary>An answer: one line of JSON.</summary>
    public async Task WriteAsync(AnswerWriter write, CancellationToken cancellationToken)
    {
        var output = _context.Response.BodyWriter;
        if (_hasEvents) WriteText($"id: {_count++}\ndata: ");
        await WriteJsonAsync(write, cancellationToken).ConfigureAwait(false);
        output.Write(_hasEvents ? "\n\n"u8 : "\n"u8);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the stream after all answers. With events, a last event reports how much was read.</summary>
    public async Task EndAsync(Usage usage, CancellationToken cancellationToken)
    {
        if (!_hasEvents) return;
        WriteText("event: end\ndata: ");
        await WriteJsonAsync(
            (writer, _) =>
            {
                writer.WriteStartObject();
                usage.WriteTotals(writer);
                writer.WriteEndObject();
                return Task.CompletedTask;
            },
            cancellationToken).ConfigureAwait(false);
        WriteText("\n\n");
        await _context.Response.BodyWriter.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static bool Accepts(HttpRequest request, string type) =>
        request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase));

    private void WriteText(FormattableString text) => WriteText(text.ToString(CultureInfo.InvariantCulture));

    private void WriteText(string text) => _context.Response.BodyWriter.Write(System.Text.Encoding.ASCII.GetBytes(text));

    private async Task WriteJsonAsync(AnswerWriter write, CancellationToken cancellationToken)
    {
        var output = _context.Response.BodyWriter;
        await using var writer = new Utf8JsonWriter(output, JsonAnswer.Options);
        await write(writer, () => JsonAnswer.FlushAsync(writer, output, cancellationToken)).ConfigureAwait(false);
    }
}
