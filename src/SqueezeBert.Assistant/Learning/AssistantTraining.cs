namespace SqueezeBert.Assistant;

/// <summary>How an assistant is trained.</summary>
public sealed record AssistantTraining
{
    /// <summary>The assistant's file, in the shape of Rasa's nlu.yml.</summary>
    public required string File { get; init; }

    /// <summary>The folder of the encoder to start from.</summary>
    public required string From { get; init; }

    /// <summary>A folder for the assistant, which must not be there or must be empty.</summary>
    public required string Output { get; init; }

    /// <summary>
    /// One sentence in this many of each intent is left out of a first training, which measures how good the assistant will be and what
    /// texts in scope are like; the second trains on all of them. 0: there is no first training, and nothing is measured.
    /// </summary>
    public int CheckEvery { get; init; } = 5;

    /// <summary>Passes over the sentences; null: as many as suit their number.</summary>
    public double? Epochs { get; init; }

    /// <summary>Peak learning rate; null: what suits the width of the encoder.</summary>
    public double? LearningRate { get; init; }

    /// <summary>
    /// Variants of each sentence with slots, in which other values of the file stand in the place of its own.
    /// </summary>
    public int Variants { get; init; } = 2;

    /// <summary>Everything random follows from it.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads, or 0 for one per core. The result does not depend on it.</summary>
    public int Threads { get; init; }
}

/// <summary>What the training of an assistant came to.</summary>
/// <param name="Output">The assistant's folder.</param>
/// <param name="Intents">How many intents it knows.</param>
/// <param name="Slots">How many slots it knows.</param>
/// <param name="Examples">Sentences that it was trained on, without variants.</param>
public sealed record AssistantTrainingResult(string Output, int Intents, int Slots, int Examples)
{
    /// <summary>Sentences that the first training left out, on which the figures below are measured.</summary>
    public int Checked { get; init; }

    /// <summary>The share of those whose intent was right; null where nothing was measured.</summary>
    public double? IntentAccuracy { get; init; }

    /// <summary>F1 of the slots; null where nothing was measured, or there are none.</summary>
    public double? SlotF1 { get; init; }

    /// <summary>
    /// Whether texts out of scope can be told by their distance; if not, the checked sentences were too few, or nothing was measured.
    /// </summary>
    public bool HasScope { get; init; }

    /// <summary>Sentences that were taken for another intent, with that intent.</summary>
    public IReadOnlyList<(string Text, string Intent, string Predicted)> Confusions { get; init; } = [];
}
