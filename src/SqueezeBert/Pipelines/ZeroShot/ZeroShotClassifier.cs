using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Pipelines;
using SqueezeBert.Pipelines.ZeroShot;
using SqueezeBert.Tokenization;

namespace SqueezeBert;

/// <summary>
/// Gives texts labels that the model was never trained for: a model for natural language inference (MNLI) says how well a sentence about
/// each label follows from the text. Thread-safe: concurrent callers share the weights, each has its own session.
/// </summary>
public sealed class ZeroShotClassifier : IDisposable
{
    private readonly Pipeline<ZeroShotWorker, (string Text, ZeroShotLabels Labels), Classification> _pipeline;
    private readonly HypothesisTemplate _template;
    private readonly int _contradiction;

    private ZeroShotClassifier(
        PipelineModel model, ZeroShotClassifierOptions options, HypothesisTemplate template, int entailment, int contradiction)
    {
        _template = template;
        _contradiction = contradiction;
        EntailmentLabel = model.Configuration.Labels[entailment];
        _pipeline = new(model, model => new ZeroShotWorker(model, options.LongText, entailment, contradiction));
    }

    /// <summary>The model's label for "follows".</summary>
    public string EntailmentLabel { get; }

    /// <summary>Tokens of a text and a hypothesis together at most, special tokens included.</summary>
    public int MaxLength => _pipeline.Model.MaxLength;

    /// <summary>The model's tokenizer.</summary>
    public BertTokenizer Tokenizer => _pipeline.Model.Tokenizer;

    /// <summary>The model's configuration.</summary>
    public ModelConfiguration Configuration => _pipeline.Model.Configuration;

    /// <summary>Loads a model folder: config.json, weights, vocabulary.</summary>
    /// <param name="path">A folder on disk; nothing is ever downloaded.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="InvalidModelFileException">
    /// No such folder (the message names the nearest that exist), a file is missing or damaged, or the files do not fit each other.
    /// </exception>
    /// <exception cref="NotSupportedException">The model is no classifier of pairs with an entailment label, or of an unsupported
    /// architecture.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the template has no {}.</exception>
    public static ZeroShotClassifier Load(string path, ZeroShotClassifierOptions? options = null)
    {
        options ??= new ZeroShotClassifierOptions();
        var template = new HypothesisTemplate(options.HypothesisTemplate);
        var model = PipelineModel.Load(path, ModelHead.SequenceClassification, options, shortest: 5);
        try
        {
            var labels = model.Configuration.Labels;
            var entailment = Entailment(labels, options.EntailmentLabel);
            return new ZeroShotClassifier(model, options, template, entailment, Contradiction(labels, entailment));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Makes candidate labels ready for many texts.</summary>
    /// <param name="labels">Two or more, or one that is true or not.</param>
    /// <param name="multiLabel">
    /// False: the scores of the labels add up to one. True: each label is scored by itself, entailment against contradiction, as is a
    /// single label.
    /// </param>
    /// <exception cref="ArgumentException">There is no label, one comes twice or is empty, or a hypothesis leaves no room for a
    /// text.</exception>
    /// <exception cref="NotSupportedException">Several labels at once need the model's label for the opposite, which none of its names
    /// tells.</exception>
    public ZeroShotLabels Prepare(IReadOnlyList<string> labels, bool multiLabel = false)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0) throw new ArgumentException("no labels are given", nameof(labels));
        if (labels.Any(string.IsNullOrWhiteSpace)) throw new ArgumentException("a label is empty", nameof(labels));
        if (labels.Distinct(StringComparer.Ordinal).Count() < labels.Count)
            throw new ArgumentException("a label comes twice", nameof(labels));
        var isMultiLabel = multiLabel || labels.Count == 1;
        if (isMultiLabel && _contradiction < 0)
        {
            throw new NotSupportedException(
                $"none of the model's labels ({string.Join(", ", Configuration.Labels)}) begins with 'contradict' or 'not': labels " +
                    "cannot be scored one by one");
        }

        return new ZeroShotLabels([.. labels], isMultiLabel, [.. labels.Select(Hypothesis)], this);
    }

    /// <summary>Says which of the labels are true of a text.</summary>
    /// <inheritdoc cref="Prepare"/>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Classification Classify(string text, IReadOnlyList<string> labels, bool multiLabel = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Run((text, Prepare(labels, multiLabel)), cancellationToken);
    }

    /// <summary>
    /// As <see cref="Classify(string, IReadOnlyList{string}, bool, CancellationToken)"/> for many texts together. Each result has the same
    /// bits as alone.
    /// </summary>
    /// <returns>As many results, in the order of the texts.</returns>
    /// <inheritdoc cref="Prepare"/>
    public IReadOnlyList<Classification> Classify(
        IReadOnlyList<string> texts, IReadOnlyList<string> labels, bool multiLabel = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var prepared = Prepare(labels, multiLabel);
        return _pipeline.RunAll(texts.Select(text => (text, prepared)), cancellationToken);
    }

    /// <summary>Classifies a sequence of any length in batches; results come in order while the rest is still to be read.</summary>
    /// <exception cref="ArgumentException">The labels were prepared by another classifier.</exception>
    public IEnumerable<Classification> ClassifyStream(
        IEnumerable<string> texts, ZeroShotLabels labels, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        CheckOwn(labels);
        return _pipeline.Stream(texts.Select(text => (text, labels)), cancellationToken);
    }

    /// <summary>
    /// As <see cref="ClassifyStream"/> for a source that is awaited; the work runs on the caller's thread between two texts.
    /// </summary>
    /// <exception cref="ArgumentException">The labels were prepared by another classifier.</exception>
    public IAsyncEnumerable<Classification> ClassifyStreamAsync(
        IAsyncEnumerable<string> texts, ZeroShotLabels labels, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        CheckOwn(labels);
        return _pipeline.StreamAsync(texts.Select(text => (text, labels)), cancellationToken);
    }

    /// <summary>The inner path: scores in the order of the labels; allocates nothing once warm.</summary>
    /// <param name="text">The text.</param>
    /// <param name="labels">From <see cref="Prepare"/>.</param>
    /// <param name="scores">At least as many elements as there are labels.</param>
    /// <param name="cancellationToken">Looked at between the layers.</param>
    /// <returns>Whether the text was truncated.</returns>
    /// <exception cref="ArgumentException">The labels were prepared by another classifier, or the span is too short.</exception>
    public bool Classify(ReadOnlySpan<char> text, ZeroShotLabels labels, Span<float> scores, CancellationToken cancellationToken = default)
    {
        CheckOwn(labels);
        if (scores.Length < labels.Labels.Count)
            throw new ArgumentException($"{labels.Labels.Count} labels need as many scores, not {scores.Length}", nameof(scores));
        var worker = _pipeline.Rent();
        try
        {
            worker.Add(text, labels, cancellationToken);
            worker.Finish(cancellationToken);
            return worker.Scores(0, scores);
        }
        finally
        {
            _pipeline.Return(worker);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _pipeline.Dispose();

    /// <summary>The id of "follows": named by the caller, or beginning with "entail".</summary>
    internal static int Entailment(IReadOnlyList<string> labels, string? name)
    {
        var found = Find(labels, label => name is null ? label.StartsWith("entail", StringComparison.OrdinalIgnoreCase) : label == name);
        if (found >= 0) return found;
        var known = string.Join(", ", labels);
        throw new NotSupportedException(name is null
            ? $"no label of the model begins with 'entail'; its labels are {known}: use a model for natural language inference, or name " +
                "the label that means 'follows'"
            : $"the model has no label '{name}'; its labels are {known}");
    }

    /// <summary>
    /// The id of the opposite, -1 where no name tells: the other one of two, or the one that begins with "contradict" or "not".
    /// </summary>
    internal static int Contradiction(IReadOnlyList<string> labels, int entailment) => labels.Count == 2
        ? 1 - entailment
        : Find(labels, label => label.StartsWith("contradict", StringComparison.OrdinalIgnoreCase)
            || label.StartsWith("not", StringComparison.OrdinalIgnoreCase));

    private static int Find(IReadOnlyList<string> labels, Func<string, bool> matches)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            if (matches(labels[i])) return i;
        }

        return -1;
    }

    private int[] Hypothesis(string label)
    {
        var hypothesis = _template.Fill(label);
        var ids = Tokenizer.Encode(hypothesis, new EncodingOptions { AddSpecialTokens = false, ReturnOffsets = false }).Ids.ToArray();
        if (ids.Length + 4 <= MaxLength) return ids;
        throw new ArgumentException(
            $"the hypothesis of the label '{label}' has {ids.Length} tokens, which leaves no room for a text: the model reads {MaxLength}",
            nameof(label));
    }

    private void CheckOwn(ZeroShotLabels labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Owner != this) throw new ArgumentException("the labels were prepared by another classifier", nameof(labels));
    }
}
