using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;
using SqueezeBert.Kernels;
using SqueezeBert.Memory;
using SqueezeBert.Serving;
using SqueezeBert.Threading;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Files;

namespace SqueezeBert;

/// <summary>
/// A model in memory: weights, tokenizer and every head of its checkpoint, once, for any number of pipelines and callers. Thread-safe.
/// Disposing it lets the calls that run end, refuses new ones, and frees the weights then.
/// </summary>
public sealed class InferenceModel : IDisposable, IAsyncDisposable
{
    private readonly List<SessionPool> _pools = [];
    private readonly LoadedFiles _files;
    private readonly Lazy<string> _fingerprint;
    private long _retained;

    private InferenceModel(ModelSource source, LoadedFiles files, Engine engine, BertTokenizer tokenizer, ModelOptions options)
    {
        Source = source;
        _files = files;
        Engine = engine;
        Tokenizer = tokenizer;
        Options = options;
        Turns = new FairGate(options.MaxConcurrency ?? engine.ThreadCount);
        Queue = new WorkQueue(Turns, options.QueueCapacity, options.QueueFullMode);
        _fingerprint = new Lazy<string>(files.Fingerprint);
        Name = options.Name ?? source.Name;
        var named = engine.Graph.NamedHeads.Select(head => head.Name);
        Heads = [.. engine.Head == ModelHead.None ? [] : (string[])[ModelHeads.NameOf(engine.Head)], .. named];
        Telemetry.Add(this);
    }

    /// <summary>The instruction set that the kernels use on this machine: "avx512", "avx2", "vector128" or "scalar".</summary>
    public static string InstructionSet => InstructionSets.NameOf(InstructionSets.Selected);

    /// <summary>What telemetry calls the model: as the options say, else the name of its folder, or owner/name of the hub.</summary>
    public string Name { get; }

    /// <summary>The model's tokenizer.</summary>
    public BertTokenizer Tokenizer { get; }

    /// <summary>The content of config.json; of an ONNX file without one, what its graph says.</summary>
    public ModelConfiguration Configuration => Engine.Configuration;

    /// <summary>
    /// What stands on the encoder: the head of the checkpoint's class ("sequence classification"), and the names of those that have one
    /// ("intent"), as <see cref="PipelineOptions.Head"/> takes them. Empty for a bare encoder. A pipeline that loads a model of its own
    /// loads its own head only.
    /// </summary>
    public IReadOnlyList<string> Heads { get; }

    /// <summary>Outputs that a session can be asked for: hidden states, attentions, pooler output, logits.</summary>
    public IReadOnlyList<string> OutputNames => Engine.OutputNames;

    /// <summary>
    /// Tells this model from others: configuration, weights and tokenizer in 32 hexadecimal digits, whatever the format of the files. Two
    /// models with the same fingerprint give the same bits. The files are read for it at the first call.
    /// </summary>
    /// <exception cref="InvalidOperationException">The files were changed after they were loaded.</exception>
    /// <exception cref="InvalidModelFileException">They cannot be read any more.</exception>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>How it computes.</summary>
    public ModelOptions Options { get; }

    /// <summary>Native memory that the weights take, in bytes.</summary>
    public long WeightBytes => Engine.WeightBytes;

    /// <summary>Native working memory that is kept for the next calls, in bytes.</summary>
    public long RetainedBytes => Interlocked.Read(ref _retained);

    /// <summary>Inputs of asynchronous calls that wait.</summary>
    public int QueueLength => Queue.Count;

    internal ModelSource Source { get; }

    internal Engine Engine { get; }

    /// <summary>Who computes a batch now.</summary>
    internal FairGate Turns { get; }

    internal WorkQueue Queue { get; }

    /// <summary>What a sentence-transformers folder says about making vectors.</summary>
    /// <exception cref="InvalidModelFileException">It says what is not supported.</exception>
    internal SentenceEncoderSettings SentenceSettings => _files.SentenceSettings;

    /// <summary>Loads a model with whatever head its checkpoint has.</summary>
    /// <param name="source">A folder or file on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The architecture is not supported.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static InferenceModel Load(ModelSource source, ModelOptions? options = null) => Load(source, options, null, null, default);

    /// <summary>As <see cref="Load(ModelSource, ModelOptions)"/>, on another thread.</summary>
    /// <param name="source">A folder or file on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Looked at between the parameters.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Task<InferenceModel> LoadAsync(
        ModelSource source, ModelOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Load(source, options, null, null, cancellationToken), cancellationToken);

    /// <summary>
    /// A session that computes the named outputs for token ids of the caller's own, and nothing that they do not need.
    /// </summary>
    /// <param name="outputs">Of <see cref="OutputNames"/>.</param>
    /// <exception cref="ArgumentException">The model has no output of that name; the message lists those it has.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public ModelSession CreateSession(params IReadOnlyList<string> outputs) => Engine.CreateSession(outputs);

    /// <summary>
    /// Runs two tokens through the whole model, so that the first call finds code and threads ready. A pipeline's own
    /// <see cref="TextPipeline.WarmUp"/> makes its memory ready too.
    /// </summary>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public void WarmUp(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var logits = OutputNames.Where(static name => name.EndsWith(Graphs.OutputNames.Logits, StringComparison.Ordinal)).ToList();
        using var session = CreateSession(logits.Count > 0 ? logits : [Graphs.OutputNames.LastHiddenState]);
        var batch = new PackedBatch();
        Tokenizer.Count("a", cancellationToken);
        batch.Add([0, 0]);
        batch.Select(0);
        Turns.Enter(cancellationToken);
        try
        {
            session.Run(batch, cancellationToken);
        }
        finally
        {
            Turns.Leave();
        }
    }

    /// <summary>Gives working memory back that no call uses now, to the system too.</summary>
    public void Trim()
    {
        FreeIdle();
        NativeHeap.Trim();
    }

    /// <summary>Refuses new calls. Those that run end as usual; the weights are freed after the last of them.</summary>
    public void Dispose()
    {
        Engine.Dispose();
        FreeIdle();
    }

    /// <summary>As <see cref="Dispose"/>, and waits for the calls that run.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return Engine.DisposeAsync();
    }

    /// <summary>Loads a model for a task.</summary>
    /// <param name="source">On disk.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="head">What the task needs; none takes any checkpoint as a bare encoder. Null: what the checkpoint has.</param>
    /// <param name="name">The head's name, where the checkpoint has heads with names; null: the only one for the task.</param>
    /// <param name="cancellationToken">Looked at between the parameters.</param>
    internal static InferenceModel Load(
        ModelSource source, ModelOptions? options, ModelHead? head, string? name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new ModelOptions();
        options.Validate();
        var files = new LoadedFiles(source);

        // Most of a small model's loading is this, one half beside the other.
        using var reading = new Background<BertTokenizer>(files.LoadTokenizer);
        using var folder = files.Open();
        var own = OwnHead(folder.Configuration);
        var named = folder.Configuration.NamedHeads;
        if (head is { } wanted)
        {
            var chosen = HeadChoice.Find(folder.Configuration, wanted, name, source);
            named = chosen is null ? [] : [chosen];
            if (chosen is not null) head = ModelHead.None;
            else CheckHead(source, folder.Configuration, wanted);
        }

        var tokenizer = reading.Result();
        if (tokenizer.Vocabulary.Count > folder.Configuration.VocabularySize)
        {
            throw new InvalidModelFileException(
                folder.Path, "field 'vocab_size'",
                $"is {folder.Configuration.VocabularySize}, but the tokenizer has {tokenizer.Vocabulary.Count} tokens: the vocabulary is " +
                    "another model's");
        }

        if (ModelGraph.ReadingOf(folder.Configuration).HasSpecialTokens) SpecialTokens.RequireTemplate(tokenizer, folder.Path);
        var engine = ModelLoader.Load(
            folder, head ?? own, EngineOptionsOf(options),
            usedVocabulary: tokenizer.Vocabulary.Count, namedHeads: named, cancellationToken: cancellationToken);
        return new InferenceModel(source, files, engine, tokenizer, options);
    }

    private static EngineOptions EngineOptionsOf(ModelOptions options)
    {
        var engine = options.Engine ?? new EngineOptions();
        return engine with
        {
            Threads = options.Threads ?? engine.Threads,
            Weights = Precisions.FormatOf(options.Precision) ?? engine.Weights,
        };
    }

    /// <summary>
    /// The named head that serves a task; null: the one of the checkpoint's class. Heads share parameter names (two kinds of "classifier"),
    /// so the class name decides where there is one.
    /// </summary>
    /// <exception cref="ArgumentException">There is no head of that name.</exception>
    /// <exception cref="UnsupportedModelException">None serves the task, or several do and none is named.</exception>
    internal HeadConfiguration? RequireHead(ModelHead head, string? name)
    {
        if (HeadChoice.Find(Configuration, head, name, Source) is { } named)
        {
            return Engine.Graph.NamedHeads.Any(loaded => loaded.Name == named.Name) ? named : throw new UnsupportedModelException(
                $"{Source} was loaded by a pipeline without the head '{named.Name}'; load it as an {nameof(InferenceModel)}");
        }

        CheckHead(Source, Configuration, head);
        if (head == ModelHead.None || Engine.Head == head || ModelHeads.Find(Engine.Head).ServesAs(head)) return null;
        throw new UnsupportedModelException(
            $"{Source} was loaded without a head for {ModelHeads.NameOf(head)}: its config.json names no class that has one");
    }

    internal SessionPool CreatePool(IReadOnlyList<string> outputs)
    {
        var pool = new SessionPool(this, outputs);
        lock (_pools) _pools.Add(pool);
        return pool;
    }

    internal void RemovePool(SessionPool pool)
    {
        lock (_pools) _pools.Remove(pool);
        pool.Trim();
    }

    /// <summary>Whether a session's memory may be kept; counts it where it may.</summary>
    internal bool TryRetain(long bytes)
    {
        if (Engine.Lifetime.IsClosed) return false;
        if (Interlocked.Add(ref _retained, bytes) <= (Options.MaxRetainedBytes ?? long.MaxValue)) return true;
        AddRetained(-bytes);
        return false;
    }

    internal void AddRetained(long bytes) => Interlocked.Add(ref _retained, bytes);

    private void FreeIdle()
    {
        lock (_pools)
        {
            foreach (var pool in _pools) pool.Trim();
        }
    }

    /// <summary>A checkpoint with a head that is not known, or whose labels are none, is still an encoder.</summary>
    private static ModelHead OwnHead(ModelConfiguration configuration)
    {
        try
        {
            var own = ModelGraph.HeadOf(configuration);
            RequireLabels(configuration, own);
            return own;
        }
        catch (Exception e) when (e is UnsupportedModelException or InvalidModelFileException)
        {
            return ModelHead.None;
        }
    }

    /// <summary>Labels concern only who gives them.</summary>
    private static void RequireLabels(ModelConfiguration configuration, ModelHead head)
    {
        if (head is ModelHead.SequenceClassification or ModelHead.TokenClassification) configuration.RequireLabels();
    }

    private static void CheckHead(ModelSource source, ModelConfiguration configuration, ModelHead head)
    {
        if (head != ModelHead.None && configuration.Architectures.Count > 0
            && !ModelHeads.Find(ModelGraph.HeadOf(configuration)).ServesAs(head))
        {
            throw new UnsupportedModelException(
                $"{source} is no model for {ModelHeads.NameOf(head)}: its architecture is " +
                    $"'{string.Join(", ", configuration.Architectures)}'");
        }

        RequireLabels(configuration, head);
    }
}
