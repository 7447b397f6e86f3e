using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Extensions;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Tasks;

/// <summary>A task of a model with the options of a request. It holds the model until it is disposed.</summary>
/// <param name="reading">How much is read; null as the host says.</param>
/// <param name="limits">The limits.</param>
internal abstract class TaskRun(ReadingOptions? reading, SqueezeBertServerOptions limits) : IDisposable
{
    /// <summary>The pipeline that answers.</summary>
    public abstract TextPipeline Pipeline { get; }

    protected ReadingOptions? Reading => reading;

    protected SqueezeBertServerOptions Limits => limits;

    /// <summary>Whether an item tells its number of windows, which is one otherwise.</summary>
    protected bool HasWindows => (reading?.LongText ?? Pipeline.Reading.LongText) == LongText.Windows;

    /// <summary>Whether an item may be a text without an object around it.</summary>
    protected virtual bool TakesText => true;

    /// <summary>Sets the answer's tag.</summary>
    public abstract void Tag(Call call);

    /// <summary>Checks that the answers to some items, which are written together, do not have too many numbers.</summary>
    /// <returns>How many they have at most; 0 for answers that are small.</returns>
    /// <exception cref="RequestException">They have too many.</exception>
    public virtual Task<long> CheckNumbersAsync(IReadOnlyCollection<TaskItem> items, CancellationToken cancellationToken) =>
        Task.FromResult(0L);

    /// <summary>Returns the answer to an item.</summary>
    public abstract Task<TaskAnswer> AskAsync(TaskItem item, CancellationToken cancellationToken);

    public abstract void Dispose();

    /// <summary>An item of a list or a stream.</summary>
    /// <exception cref="RequestException">It is wrong.</exception>
    public TaskItem Parse(JsonElement element, string path)
    {
        if (element.ValueKind == JsonValueKind.String && TakesText) return OfText(Checked(JsonTexts.Of(element, path), path));
        if (element.ValueKind != JsonValueKind.Object)
            throw Fields.Wrong(path, $"{path} must be {(TakesText ? "a string or " : "")}an object");
        var fields = new Fields(element, path);
        var item = Parse(fields);
        fields.RefuseOthers();
        return item;
    }

    /// <summary>The item that an object describes.</summary>
    /// <exception cref="RequestException">It is wrong.</exception>
    public virtual TaskItem Parse(Fields fields) => OfText(CheckedText(fields, "text"));

    /// <summary>Estimated tokens of an item.</summary>
    public virtual long Cost(TaskItem item) => CostOf(item.Text.Length + (item.Pair?.Length ?? 0));

    protected virtual TaskItem OfText(string text) => new(text);

    protected long CostOf(long characters) => ModelQueue.Cost(characters, HasWindows ? null : reading?.MaxLength ?? Pipeline.MaxLength);

    protected string CheckedText(Fields fields, string name) => Checked(fields.RequiredText(name), fields.Path(name));

    protected string Checked(string text, string path) => text.Length <= limits.MaxCharacters ? text
        : throw new RequestException(
            Fault.TooLarge, $"{path} has {text.Length} characters; {limits.MaxCharacters} are taken (MaxCharacters)")
        { Field = path };

    protected static TaskAnswer Answer(in ReadInfo read, IEnumerable<(string Name, JsonNode? Value)> values) =>
        new(read, (writer, _) =>
        {
            writer.WriteValues(values);
            return Task.CompletedTask;
        });
}

/// <summary>As <see cref="TaskRun"/>, of one kind of pipeline: the host's, or one with options of the request's own.</summary>
/// <typeparam name="TPipeline">What answers.</typeparam>
/// <typeparam name="THost">The host's pipeline that holds the model: the same, or one that needs less of it.</typeparam>
internal abstract class TaskRun<TPipeline, THost> : TaskRun
    where TPipeline : TextPipeline
    where THost : TextPipeline
{
    private readonly PipelineLease<THost> _lease;
    private readonly VariantLease<TPipeline>? _variant;

    /// <param name="model">The model.</param>
    /// <param name="reading">How much of the input is read.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="key">Tells the request's options from others; null where the host's are meant.</param>
    /// <param name="create">Makes a pipeline with them, which borrows the model.</param>
    /// <exception cref="RequestException">The model is of another kind, or an option is out of range.</exception>
    protected TaskRun(
        ServedModel model, ReadingOptions? reading, SqueezeBertServerOptions limits, string? key = null,
        Func<InferenceModel, SqueezeBertOptions, TPipeline>? create = null)
        : base(reading, limits)
    {
        _lease = model.Rent<THost>();
        if (key is null) return;
        try
        {
            _variant = Call.Checked(() => PipelineVariants.Rent(
                _lease.Pipeline.Model, key, inner => create!(inner, _lease.Options)));
        }
        catch
        {
            _lease.Dispose();
            throw;
        }
    }

    public override TPipeline Pipeline => _variant is { } variant ? variant.Pipeline : (TPipeline)(TextPipeline)_lease.Pipeline;

    /// <summary>The host's options.</summary>
    protected SqueezeBertOptions Host => _lease.Options;

    public override void Tag(Call call) => call.Tag(_lease);

    public override void Dispose()
    {
        _variant?.Dispose();
        _lease.Dispose();
    }
}
