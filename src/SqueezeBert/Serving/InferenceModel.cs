using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Inference;
using SqueezeBert.Kernels;
using SqueezeBert.Memory;
using SqueezeBert.ModelFolders;
using SqueezeBert.Serving;
using SqueezeBert.Threading;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Files;

namespace SqueezeBert;

/// <summary>
/// A model in memory, with its weights, its tokenizer and every head of its checkpoint. Any number of pipelines and callers can share it.
/// Thread-safe. Disposing it refuses new calls and frees the weights after the running calls are complete.
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

    /// <summary>
    /// The name of the model in telemetry: <see cref="ModelOptions.Name"/>, or otherwise the name of its folder or its "owner/name" on the
    /// hub.
    /// </summary>
    public string Name { get; }

    /// <summary>The model's tokenizer.</summary>
    public BertTokenizer Tokenizer { get; }

    /// <summary>The content of config.json. For an ONNX file without config.json, the configuration is derived from the graph.</summary>
    public ModelConfiguration Configuration => Engine.Configuration;

    /// <summary>
    /// The heads on the encoder: the task of the checkpoint's class ("sequence classification"), followed by the named heads ("intent")
    /// that <see cref="PipelineOptions.Head"/> accepts. Empty for a bare encoder. A pipeline that loads its own model loads only the head
    /// that it uses.
    /// </summary>
    public IReadOnlyList<string> Heads { get; }

    /// <summary>The names of the outputs that a session can compute: hidden states, attentions, pooler output and logits.</summary>
    public IReadOnlyList<string> OutputNames => Engine.OutputNames;

    /// <summary>
    /// A fingerprint of the configuration, the weights and the tokenizer, as 32 hexadecimal digits. It does not depend on the format of the
    /// files. Two models with the same fingerprint and the same <see cref="Precision"/> give results with the same bits. The first access
    /// reads the files again.
    /// </summary>
    /// <exception cref="InvalidOperationException">The files have changed since they were loaded.</exception>
    /// <exception cref="InvalidModelFileException">The files can no longer be read.</exception>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>The options that the model was loaded with.</summary>
    public ModelOptions Options { get; }

    /// <summary>The native memory that the weights take, in bytes.</summary>
    public long WeightBytes => Engine.WeightBytes;

    /// <summary>The native working memory that is kept for later calls, in bytes.</summary>
    public long RetainedBytes => Interlocked.Read(ref _retained);

    /// <summary>The number of inputs of asynchronous calls that are waiting.</summary>
    public int QueueLength => Queue.Count;

    internal ModelSource Source { get; }

    internal Engine Engine { get; }

    /// <summary>The gate that limits how many batches are computed at the same time.</summary>
    internal FairGate Turns { get; }

    internal WorkQueue Queue { get; }

    /// <summary>The settings of a sentence-transformers folder for making vectors.</summary>
    /// <exception cref="InvalidModelFileException">A setting is not supported.</exception>
    internal SentenceEncoderSettings SentenceSettings => _files.SentenceSettings;

    /// <summary>Loads a model with the heads of its checkpoint.</summary>
    /// <param name="source">A folder or file on disk, or files in memory. Nothing is ever downloaded.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// The folder does not exist (the message names the nearest existing ones), a file is missing or damaged, or the files do not fit
    /// together.
    /// </exception>
    /// <exception cref="UnsupportedModelException">The architecture is not supported.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the model has no head of the given name.</exception>
    public static InferenceModel Load(ModelSource source, ModelOptions? options = null) => Load(source, options, null, null, default);

    /// <summary>Like <see cref="Load(ModelSource, ModelOptions)"/>, on another thread.</summary>
    /// <param name="source">A folder or file on disk, or files in memory. Nothing is ever downloaded.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="cancellationToken">Cancels loading. It is checked between the parameters.</param>
    /// <exception cref="OperationCanceledException">Loading was cancelled.</exception>
    public static Task<InferenceModel> LoadAsync(
        ModelSource source, ModelOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Load(source, options, null, null, cancellationToken), cancellationToken);

    /// <summary>
    /// Creates a session, which runs the model on token ids. It computes the named outputs and skips everything that they do not need.
    /// </summary>
    /// <param name="outputs">The names of at least one output, from <see cref="OutputNames"/>.</param>
    /// <exception cref="ArgumentException">
    /// No output is named, or the model has no output of that name. The message lists the outputs of the model.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public ModelSession CreateSession(params IReadOnlyList<string> outputs) => Engine.CreateSession(outputs);

    /// <summary>
    /// Runs two tokens through the whole model, so that code is compiled and threads are started before the first real call.
    /// <see cref="TextPipeline.WarmUp"/> of a pipeline also allocates the pipeline's memory.
    /// </summary>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
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

    /// <summary>Frees the working memory that no call uses, and returns free memory to the operating system.</summary>
    public void Trim()
    {
        FreeIdle();
        NativeHeap.Trim();
    }

    /// <summary>Refuses new calls. Running calls complete normally, and the weights are freed after the last of them.</summary>
    public void Dispose()
    {
        Engine.Dispose();
        FreeIdle();
    }

    /// <summary>Like <see cref="Dispose"/>, and waits for the running calls.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return Engine.DisposeAsync();
    }

    /// <summary>Loads a model for a task.</summary>
    /// <param name="source">The source of the model.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="head">
    /// The head that the task needs. None uses any checkpoint as a bare encoder. Null loads the heads of the checkpoint.
    /// </param>
    /// <param name="name">The name of the head, if the checkpoint has named heads. Null uses the only one for the task.</param>
    /// <param name="cancellationToken">Cancels loading. It is checked between the parameters.</param>
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
            usedVocabulary: tokenizer.Vocabulary.Count, namedHeads: named, pieces: VocabularyPieces.Of(tokenizer),
            cancellationToken: cancellationToken);
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
    /// Returns the named head that serves a task. Null means the head of the checkpoint's class. Heads share parameter names (there are two
    /// kinds of "classifier"), so the class name decides if there is one.
    /// </summary>
    /// <exception cref="ArgumentException">There is no head of that name.</exception>
    /// <exception cref="UnsupportedModelException">No head serves the task, or several heads do and none is named.</exception>
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

    /// <summary>Returns whether the memory of a session may be kept, and counts it in that case.</summary>
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

    /// <summary>
    /// Returns the head of the checkpoint's class. A checkpoint with an unknown head or with unusable labels can still be used as an
    /// encoder.
    /// </summary>
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

    /// <summary>Checks the labels of a head that uses labels.</summary>
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
