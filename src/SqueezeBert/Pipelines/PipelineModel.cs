using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Serving;
using SqueezeBert.Threading;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Pipelines;

/// <summary>
/// What a pipeline runs on: a model of its own or one that it shares, how it reads texts, and who calls it now. Thread-safe.
/// </summary>
internal sealed class PipelineModel : IDisposable, IAsyncDisposable
{
    private readonly Lifetime _lifetime;
    private readonly bool _ownsModel;
    private readonly int _shortest;
    private readonly int _longest;
    private readonly int? _medianLength;
    private readonly string _outputPrefix;

    /// <param name="model">The model.</param>
    /// <param name="ownsModel">Whether it is disposed with the pipeline.</param>
    /// <param name="head">What the task needs on the encoder; none takes any checkpoint.</param>
    /// <param name="outputs">What its workers read: outputs of the head, where a model's class has it.</param>
    /// <param name="options">The pipeline's.</param>
    /// <param name="name">The pipeline's type, for exceptions.</param>
    /// <param name="longText">What to do with a long text where the options do not say.</param>
    /// <param name="shortest">The least that a length may be: the special tokens and one of each text.</param>
    /// <param name="defaultLength">The most tokens where the options do not say; null: as the tokenizer says.</param>
    /// <exception cref="UnsupportedModelException">The model has no such head, or reads less than the task needs.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no head of the options' name.</exception>
    public PipelineModel(
        InferenceModel model, bool ownsModel, ModelHead head, IReadOnlyList<string> outputs, PipelineOptions options, string name,
        LongText longText = LongText.Truncate, int shortest = 3, int? defaultLength = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var named = model.RequireHead(head, options.Head);
        Model = model;
        Configuration = model.Configuration.For(named);
        _outputPrefix = NamedHeads.OutputPrefix(named);
        _ownsModel = ownsModel;
        _shortest = shortest;
        _longest = model.Configuration.MaxPositionEmbeddings;
        TextReading = ModelGraph.ReadingOf(model.Configuration);
        var usual = Math.Min(defaultLength ?? TextReading.UsualLength ?? model.Tokenizer.ModelMaxLength ?? int.MaxValue, _longest);
        _medianLength = TextReading.CutsCharacters ? MedianTokenLength(model.Tokenizer) : null;
        if (usual < shortest && options.Reading.MaxLength is null)
            throw new UnsupportedModelException($"{model.Source} reads {usual} tokens at once; this task needs {shortest}");
        Reading = new Reading(usual, int.MaxValue, longText).With(options.Reading, shortest, _longest);
        Sessions = model.CreatePool([.. outputs.Select(Output)]);
        Telemetry = new PipelineTelemetry(name, model);
        _lifetime = new Lifetime(name, Free);
    }

    public InferenceModel Model { get; }

    public BertTokenizer Tokenizer => Model.Tokenizer;

    /// <summary>The model's, with the labels and the problem type of the head that is asked.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>Which tokens of a text the model reads.</summary>
    public TextReading TextReading { get; }

    /// <summary>How texts are read where a call does not say.</summary>
    public Reading Reading { get; }

    /// <summary>Sessions for the outputs that the workers read.</summary>
    public SessionPool Sessions { get; }

    /// <summary>What is reported of the calls.</summary>
    public PipelineTelemetry Telemetry { get; }

    /// <summary>Tokens that are computed together.</summary>
    public int BatchTokens => Model.Options.BatchTokens;

    /// <summary>Loads a model for a pipeline and makes the pipeline with it.</summary>
    /// <param name="source">On disk.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="head">What the task needs.</param>
    /// <param name="pipeline">The pipeline's options, which may name the head.</param>
    /// <param name="create">Makes the pipeline, which owns the model then.</param>
    public static T Load<T>(
        ModelSource source, ModelOptions? options, ModelHead head, PipelineOptions? pipeline, Func<InferenceModel, T> create)
    {
        var model = InferenceModel.Load(source, options, head, pipeline?.Head, CancellationToken.None);
        try
        {
            return create(model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The full name of an output of the head that is asked.</summary>
    public string Output(string name) => _outputPrefix + name;

    /// <summary>A call's reading.</summary>
    public Reading Of(ReadingOptions? call) => Reading.With(call, _shortest, _longest);

    /// <summary>Counts a call in, which may run to its end whatever is disposed meanwhile, and must leave by <see cref="Exit"/>.</summary>
    /// <exception cref="ObjectDisposedException">The pipeline or its model has been disposed.</exception>
    public void Enter()
    {
        _lifetime.Enter();
        if (Model.Engine.Lifetime.TryEnter()) return;
        _lifetime.Exit();
        throw new ObjectDisposedException(nameof(InferenceModel));
    }

    public void Exit()
    {
        Model.Engine.Lifetime.Exit();
        _lifetime.Exit();
    }

    public void Dispose() => _lifetime.Close();

    public async ValueTask DisposeAsync()
    {
        await _lifetime.CloseAsync().ConfigureAwait(false);
        if (_ownsModel) await Model.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Characters (code points) of a text that is truncated at most; null: no limit but that of the tokens.</summary>
    public long? MostCodePoints(in Reading reading) => (long?)reading.MaxLength * _medianLength;

    /// <summary>Of all tokens of the vocabulary, in code points; the mean of the two in the middle, rounded down.</summary>
    private static int MedianTokenLength(BertTokenizer tokenizer)
    {
        var lengths = tokenizer.Vocabulary.Tokens.OfType<string>().Select(token => token.EnumerateRunes().Count()).Order().ToArray();
        return (lengths[(lengths.Length - 1) / 2] + lengths[lengths.Length / 2]) / 2;
    }

    private void Free()
    {
        Model.RemovePool(Sessions);
        if (_ownsModel) Model.Dispose();
    }
}
