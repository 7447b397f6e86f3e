namespace SqueezeBert.Assistant;

/// <summary>The data and settings for training an assistant.</summary>
public sealed record AssistantTraining
{
    /// <summary>The path of the assistant's file, in the format of Rasa's nlu.yml.</summary>
    public required string File { get; init; }

    /// <summary>The folder of the encoder to start from.</summary>
    public required string From { get; init; }

    /// <summary>The folder to write the assistant to. It must be empty or not exist.</summary>
    public required string Output { get; init; }

    /// <summary>
    /// The inverse of the share of sentences of each intent that the first training leaves out (default 5): one sentence in this many.
    /// These sentences measure how good the assistant is and what in-scope texts look like. The second training uses all sentences. 0 skips
    /// the first training, and nothing is measured. 1 is not allowed.
    /// </summary>
    public int CheckEvery { get; init; } = 5;

    /// <summary>The number of passes over the sentences. Null chooses it by the number of sentences.</summary>
    public double? Epochs { get; init; }

    /// <summary>The peak learning rate. Null chooses it by the hidden size of the encoder.</summary>
    public double? LearningRate { get; init; }

    /// <summary>
    /// The number of variants of each sentence with slots, zero or more (default 2). In a variant, other values from the file replace the
    /// values of the slots.
    /// </summary>
    public int Variants { get; init; } = 2;

    /// <summary>The seed of everything that is random (default 1).</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The number of threads, or 0 for one per core (default 0). The result does not depend on it.</summary>
    public int Threads { get; init; }
}

/// <summary>The result of training an assistant.</summary>
/// <param name="Output">The folder of the assistant.</param>
/// <param name="Intents">The number of intents.</param>
/// <param name="Slots">The number of slots.</param>
/// <param name="Examples">The number of training sentences, without variants.</param>
public sealed record AssistantTrainingResult(string Output, int Intents, int Slots, int Examples)
{
    /// <summary>The number of sentences that the first training left out. The figures below are measured on them.</summary>
    public int Checked { get; init; }

    /// <summary>The share of these sentences whose intent was right, 0 to 1, or null if nothing was measured.</summary>
    public double? IntentAccuracy { get; init; }

    /// <summary>The F1 of the slots, 0 to 1, or null if nothing was measured or there are no slots.</summary>
    public double? SlotF1 { get; init; }

    /// <summary>
    /// Whether out-of-scope texts can be recognized by their distance. If false, too few sentences were left out, or nothing was measured.
    /// </summary>
    public bool HasScope { get; init; }

    /// <summary>The sentences whose intent was predicted wrongly, with the predicted intent.</summary>
    public IReadOnlyList<(string Text, string Intent, string Predicted)> Confusions { get; init; } = [];
}
