using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Answers;

/// <summary>The format in which a family of routes reports errors.</summary>
internal abstract class ErrorFormat
{
    public static ErrorFormat Problem { get; } = new ProblemFormat();

    public static ErrorFormat TextEmbeddingsInference { get; } = new TextEmbeddingsInferenceFormat();

    public static ErrorFormat OpenAI { get; } = new OpenAIFormat();

    /// <summary>Its status.</summary>
    public virtual int StatusOf(Fault fault) => fault switch
    {
        Fault.Malformed or Fault.Empty => StatusCodes.Status400BadRequest,
        Fault.Unauthorized => StatusCodes.Status401Unauthorized,
        Fault.NotFound or Fault.Unsupported => StatusCodes.Status404NotFound,
        Fault.Slow => StatusCodes.Status408RequestTimeout,
        Fault.Known => StatusCodes.Status412PreconditionFailed,
        Fault.TooLarge => StatusCodes.Status413PayloadTooLarge,
        Fault.MediaType => StatusCodes.Status415UnsupportedMediaType,
        Fault.Invalid => StatusCodes.Status422UnprocessableEntity,
        Fault.Overloaded => StatusCodes.Status429TooManyRequests,
        Fault.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>Writes the whole response.</summary>
    public Task WriteAsync(HttpContext context, RequestException error)
    {
        context.Response.StatusCode = StatusOf(error.Fault);
        if (error.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (error.Fault == Fault.Unauthorized) context.Response.Headers.WWWAuthenticate = "Bearer";
        return JsonAnswer.WriteAsync(context, writer => Write(writer, error), ContentType);
    }

    protected virtual string ContentType => BodyReader.JsonType;

    protected abstract void Write(Utf8JsonWriter writer, RequestException error);

    /// <summary>A word for programs.</summary>
    protected static string CodeOf(Fault fault) => JsonNamingPolicy.SnakeCaseLower.ConvertName(fault.ToString());

    /// <summary>RFC 9457.</summary>
    private sealed class ProblemFormat : ErrorFormat
    {
        protected override string ContentType => "application/problem+json";

        protected override void Write(Utf8JsonWriter writer, RequestException error)
        {
            writer.WriteStartObject();
            WriteProblem(writer, error);
            writer.WriteEndObject();
        }
    }

    /// <summary>The members of a problem, of a response or of one item.</summary>
    public static void WriteProblem(Utf8JsonWriter writer, RequestException error)
    {
        var status = Problem.StatusOf(error.Fault);
        writer.WriteString("title", Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status));
        writer.WriteNumber("status", status);
        writer.WriteString("code", CodeOf(error.Fault));
        writer.WriteString("detail", error.Message);
        if (error.Field is not null) writer.WriteString("field", error.Field);
    }

    private sealed class TextEmbeddingsInferenceFormat : ErrorFormat
    {
        public override int StatusOf(Fault fault) =>
            fault is Fault.Unsupported or Fault.Failed ? StatusCodes.Status424FailedDependency : base.StatusOf(fault);

        protected override void Write(Utf8JsonWriter writer, RequestException error)
        {
            writer.WriteStartObject();
            writer.WriteString("error", error.Message);
            writer.WriteString("error_type", TypeOf(error.Fault));
            writer.WriteEndObject();
        }

        /// <summary>
        /// The types as the schema and the server of text-embeddings-inference spell them; only the examples in its document are in lower
        /// case. It also has the type "Tokenizer" for texts that its tokenizer refuses, but this tokenizer refuses none.
        /// </summary>
        private static string TypeOf(Fault fault) => fault switch
        {
            Fault.Empty => "Empty",
            Fault.Overloaded => "Overloaded",
            Fault.Unavailable => "Unhealthy",
            Fault.Unsupported or Fault.Failed => "Backend",
            _ => "Validation",
        };
    }

    /// <summary>
    /// OpenAI's object, which its clients read, with the members of text-embeddings-inference's object for the same route beside it.
    /// </summary>
    private sealed class OpenAIFormat : ErrorFormat
    {
        protected override void Write(Utf8JsonWriter writer, RequestException error)
        {
            var type = error.Fault switch
            {
                Fault.Overloaded => "rate_limit_error",
                Fault.Unauthorized => "authentication_error",
                Fault.Failed or Fault.Unavailable => "server_error",
                _ => "invalid_request_error",
            };
            writer.WriteStartObject();
            writer.WriteStartObject("error");
            writer.WriteString("message", error.Message);
            writer.WriteString("type", type);
            writer.WriteString("param", error.Field);
            writer.WriteString("code", error is { Fault: Fault.NotFound, Field: "model" } ? "model_not_found" : CodeOf(error.Fault));
            writer.WriteEndObject();
            writer.WriteString("message", error.Message);
            writer.WriteNumber("code", StatusOf(error.Fault));
            writer.WriteString("type", type);
            writer.WriteEndObject();
        }
    }
}
