using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Serving;
using SqueezeBert.Threading;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Pipelines;

/// <summary>The model of a pipeline, owned or shared, with the way it reads texts and its running calls. Thread-safe.</summary>
internal sealed class PipelineModel : IDisposable, IAsyncDisposable
{
    private readonly Lifetime _lifetime;
    private readonly bool _ownsModel;
    private readonly int _shortest;
    private readonly int _longest;
    private readonly int? _medianLength;
    private readonly string _outputPrefix;

    /// <param name="model">The model.</param>
    /// <param name="ownsModel">Whether the model is disposed with the pipeline.</param>
    /// <param name="head">The head that the task needs. None accepts any checkpoint.</param>
    /// <param name="outputs">The outputs that its workers read, with the names of a model's class.</param>
    /// <param name="options">The options of the pipeline.</param>
    /// <param name="name">The type of the pipeline, for exceptions.</param>
    /// <param name="longText">What happens to long texts if the options do not say.</param>
    /// <param name="shortest">The smallest length: the special tokens and one token of each text.</param>
    /// <param name="defaultLength">The length in tokens if the options do not give it. Null uses that of the tokenizer.</param>
    /// <exception cref="UnsupportedModelException">
    /// The model has no such head, or it reads fewer tokens at once than the task needs.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no head of the given name.</exception>
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

    /// <summary>The configuration of the model, with the labels and the problem type of the head that is used.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>The tokens of a text that the model reads.</summary>
    public TextReading TextReading { get; }

    /// <summary>How much of a text is read unless a call says otherwise.</summary>
    public Reading Reading { get; }

    /// <summary>Sessions for the outputs that the workers read.</summary>
    public SessionPool Sessions { get; }

    /// <summary>Reports the calls.</summary>
    public PipelineTelemetry Telemetry { get; }

    /// <summary>The number of tokens that are computed together.</summary>
    public int BatchTokens => Model.Options.BatchTokens;

    /// <summary>Loads a model for a pipeline and creates the pipeline.</summary>
    /// <param name="source">The source of the model.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="head">The head that the task needs.</param>
    /// <param name="pipeline">The options of the pipeline, which may name the head.</param>
    /// <param name="create">Creates the pipeline, which then owns the model.</param>
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

    /// <summary>Returns the full name of an output of the head that is used.</summary>
    public string Output(string name) => _outputPrefix + name;

    /// <summary>Returns how much a call reads.</summary>
    public Reading Of(ReadingOptions? call) => Reading.With(call, _shortest, _longest);

    /// <summary>
    /// Begins a call, which may complete even if the pipeline or the model is disposed meanwhile. It must end with <see cref="Exit"/>.
    /// </summary>
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

    /// <summary>Returns the largest number of code points of a truncated text. Null means that only the tokens are limited.</summary>
    public long? MostCodePoints(in Reading reading) => (long?)reading.MaxLength * _medianLength;

    /// <summary>
    /// Returns the median length of the vocabulary's tokens in code points. For an even number it is the mean of the two middle lengths,
    /// rounded down.
    /// </summary>
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
