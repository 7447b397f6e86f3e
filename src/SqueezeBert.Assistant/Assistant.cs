using SqueezeBert.Assistant.Analysis;
using SqueezeBert.Assistant.Definitions;
using SqueezeBert.Assistant.Dialogue;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.Assistant;

/// <summary>
/// Understands what a user asks for and leads a dialogue about it. It consists of a model with heads for intents and slots, and a file with
/// the dialogue. It stores nothing about a dialogue: the state is passed in and returned. Thread-safe.
/// </summary>
public sealed class Assistant : IDisposable
{
    /// <summary>The name of the user's file in the folder of an assistant.</summary>
    public const string FileName = "assistant.yml";

    internal const string QuestionFolder = "questions", DistanceName = "assistant.safetensors";

    private readonly InferenceModel _model;
    private readonly TextAnalyzer _analyzer;
    private readonly QuestionMatcher? _questions;
    private readonly AssistantDefinition _definition;
    private readonly TimeProvider _time;

    private Assistant(
        InferenceModel model, TextAnalyzer analyzer, QuestionMatcher? questions, AssistantDefinition definition, ScopeCalibration? scope,
        AssistantOptions options)
    {
        _model = model;
        _analyzer = analyzer;
        _questions = questions;
        _definition = definition;
        _time = options.TimeProvider;
        Thresholds = ThresholdsOf(definition, scope, options);
    }

    /// <summary>The intents of the model.</summary>
    public IReadOnlyList<string> Intents => _analyzer.Intents;

    /// <summary>The slots of the model.</summary>
    public IReadOnlyList<string> Slots => _analyzer.Slots;

    /// <summary>The thresholds above which a prediction counts.</summary>
    public AssistantThresholds Thresholds { get; }

    /// <summary>
    /// Loads an assistant that <see cref="AssistantTrainer"/> has trained. It can also load any model with a head for texts and optionally
    /// a head for words, whose labels are then the intents and slots.
    /// </summary>
    /// <param name="folder">The folder of the assistant. Nothing is ever downloaded.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="AssistantFileException">The file of the assistant is invalid, or it belongs to another model.</exception>
    /// <exception cref="InvalidModelFileException">A file of the model is missing or damaged.</exception>
    /// <exception cref="UnsupportedModelException">The model has no head for texts.</exception>
    public static Assistant Load(string folder, AssistantOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new AssistantOptions();
        var model = InferenceModel.Load(folder, options.Model);
        TextAnalyzer? analyzer = null;
        try
        {
            var roles = ModelRoles.Of(model.Configuration, options.IntentHead, options.SlotHead);
            var definition = ReadDefinition(model, roles, folder, options);
            var measures = Path.Combine(folder, AssistantMeasures.FileName);
            var scope = File.Exists(measures) ? AssistantMeasures.Load(measures).ScopeOf(roles, model.Configuration, measures) : null;
            var distance = scope is null ? null
                : ScopeDistance.Load(Path.Combine(folder, DistanceName), model.Configuration.HiddenSize);
            analyzer = new TextAnalyzer(model, roles, definition, distance, scope);
            var questions = definition.Questions.Count == 0 ? null
                : new QuestionMatcher(Embedder(model, folder, options), definition.Questions);
            return new Assistant(model, analyzer, questions, definition, scope, options);
        }
        catch
        {
            analyzer?.Dispose();
            model.Dispose();
            throw;
        }
    }

    /// <summary>Analyzes a text by itself, outside of any dialogue.</summary>
    /// <param name="text">The text. Only the first 4,000 characters are read.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The assistant has been disposed.</exception>
    public Understanding Understand(string text, CancellationToken cancellationToken = default) =>
        Understand(text, _time.GetLocalNow(), cancellationToken);

    /// <summary>Replies to a text in a dialogue. The same state, text and time give the same reply.</summary>
    /// <param name="state">The state of the dialogue; <see cref="DialogueState.Start"/> at its beginning.</param>
    /// <param name="text">The text of the user. Only the first 4,000 characters are read.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <returns>The reply, and the state for the next turn.</returns>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The assistant has been disposed.</exception>
    public DialogueTurn Reply(DialogueState state, string text, CancellationToken cancellationToken = default) =>
        Reply(state, text, _time.GetLocalNow(), cancellationToken);

    /// <summary>Disposes the model after the running calls are complete.</summary>
    public void Dispose()
    {
        _analyzer.Dispose();
        _questions?.Dispose();
        _model.Dispose();
    }

    internal Understanding Understand(string text, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _analyzer.Read(text, Thresholds, now, cancellationToken);
    }

    internal DialogueTurn Reply(DialogueState state, string text, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > TextAnalyzer.MaxLength) text = text[..TextAnalyzer.MaxLength];
        var engine = new DialogueEngine(
            _definition, _analyzer.Normalizer, words => Understand(words, now, cancellationToken),
            words => _questions?.Find(words, cancellationToken));
        return engine.Reply(state, text, Thresholds, now);
    }

    /// <summary>The thresholds of the options, else those of the file, else what suits the numbers.</summary>
    internal static AssistantThresholds ThresholdsOf(
        AssistantDefinition definition, ScopeCalibration? scope, AssistantOptions options) =>
        options.Thresholds ?? (scope is null || definition.HasScopeThreshold ? definition.Thresholds
            : definition.Thresholds with { InScope = scope.DefaultThreshold });

    /// <summary>What the file of an assistant says; without a file, nothing.</summary>
    internal static AssistantDefinition ReadDefinition(InferenceModel model, ModelRoles roles, string folder, AssistantOptions options)
    {
        var file = options.File ?? Path.Combine(folder, FileName);
        if (options.File is null && !File.Exists(file)) return AssistantDefinition.Empty;
        using var analyzer = new TextAnalyzer(model, roles, AssistantDefinition.Empty, null, null);
        var definition = DefinitionReader.ReadFile(file, analyzer.Intents, analyzer.Slots);
        if (definition.Intents.FirstOrDefault(intent => !analyzer.Intents.Contains(intent, StringComparer.Ordinal)) is { } unknown)
            throw new AssistantFileException(
                file, definition.Examples.FirstOrDefault(example => example.Intent == unknown)?.Line ?? 0, null,
                $"has the intent '{unknown}', which the model does not know: train the assistant again");
        return definition;
    }

    // The encoder that the training started from, since one that was trained for intents has forgotten what else texts have in common.
    private static TextEmbedder Embedder(InferenceModel model, string folder, AssistantOptions options)
    {
        var own = Path.Combine(folder, QuestionFolder);
        return Directory.Exists(own) ? TextEmbedder.Load(own, model: options.Model) : new TextEmbedder(model);
    }
}
