using System.Text.RegularExpressions;

namespace SqueezeBert.Assistant.Definitions;

/// <summary>What a user's file says of an assistant.</summary>
internal sealed record AssistantDefinition
{
    /// <summary>The names of intents whose examples are no intent: what the assistant is not for.</summary>
    public static IReadOnlyList<string> OutOfScopeNames { get; } = ["out_of_scope", "oos", "nlu_fallback"];

    /// <summary>The intent of the questions that have an answer in a list.</summary>
    public const string QuestionIntent = "faq";

    /// <summary>The definition of a model that has no file: nothing is known beside its labels.</summary>
    public static AssistantDefinition Empty { get; } = new() { File = "" };

    /// <summary>The file, for messages.</summary>
    public required string File { get; init; }

    /// <summary>The sentences of all intents.</summary>
    public IReadOnlyList<Example> Examples { get; init; } = [];

    /// <summary>Sentences of no intent.</summary>
    public IReadOnlyList<Example> OutOfScope { get; init; } = [];

    /// <summary>Names of the intents, in the order of the file.</summary>
    public IReadOnlyList<string> Intents { get; init; } = [];

    /// <summary>Entities by name.</summary>
    public IReadOnlyDictionary<string, EntityDefinition> Entities { get; init; } = new Dictionary<string, EntityDefinition>();

    /// <summary>The entity of each slot by the slot's name.</summary>
    public IReadOnlyDictionary<string, (string Entity, string? Role)> Slots { get; init; } =
        new Dictionary<string, (string Entity, string? Role)>();

    /// <summary>The slots that the examples and the dialogue of each intent have.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> SlotsOf { get; init; } = new Dictionary<string, IReadOnlySet<string>>();

    /// <summary>Values by the words that stand for them, in lower case.</summary>
    public IReadOnlyDictionary<string, string> Synonyms { get; init; } = new Dictionary<string, string>();

    /// <summary>What is asked and said.</summary>
    public DialogueDefinition Dialogue { get; init; } = new();

    /// <summary>Questions with their answers.</summary>
    public IReadOnlyList<QuestionDefinition> Questions { get; init; } = [];

    /// <summary>From where on an answer counts.</summary>
    public AssistantThresholds Thresholds { get; init; } = new();

    /// <summary>Whether the file has a threshold for texts out of scope.</summary>
    public bool HasScopeThreshold { get; init; }
}

/// <summary>What is known of an entity.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">How its words are read.</param>
internal sealed record EntityDefinition(string Name, ValueKind Kind)
{
    /// <summary>The values of its list, by their words in lower case.</summary>
    public IReadOnlyDictionary<string, string> Lookup { get; init; } = new Dictionary<string, string>();

    /// <summary>What its words look like.</summary>
    public IReadOnlyList<Regex> Patterns { get; init; } = [];
}

/// <summary>A question in several wordings, and its answer.</summary>
/// <param name="Wordings">At least one.</param>
/// <param name="Answer">What is replied.</param>
/// <param name="Line">Where it stands.</param>
internal sealed record QuestionDefinition(IReadOnlyList<string> Wordings, string Answer, int Line);
