namespace SqueezeBert.Graphs.Heads;

/// <summary>What a head reads of an encoder.</summary>
internal enum HeadInput
{
    /// <summary>The hidden states of tokens. Checkpoints of such classes hold no pooler.</summary>
    Tokens,

    /// <summary>The first token, pooled where the architecture has a pooler.</summary>
    FirstToken,
}

/// <summary>
/// All that is known of a head: its names, what it reads, what its outputs mean, how it is built. A new one derives from this and stands in
/// <see cref="ModelHeads"/>. Without state.
/// </summary>
/// <param name="head">Which one it is.</param>
/// <param name="name">In messages and options: "token classification".</param>
/// <param name="classSuffix">Behind the architecture's name in transformers' classes: "ForTokenClassification".</param>
/// <param name="input">What it reads.</param>
internal abstract class HeadDescriptor(ModelHead head, string name, string classSuffix, HeadInput input)
{
    public ModelHead Head { get; } = head;

    public string Name { get; } = name;

    public string ClassSuffix { get; } = classSuffix;

    public HeadInput Input { get; } = input;

    /// <summary>The outputs that are the head's answer.</summary>
    public virtual IReadOnlyList<string> Answers => [OutputNames.Logits];

    /// <summary>Outputs that transformers gives without an axis of channels: one number a token or a text.</summary>
    public virtual IReadOnlyList<string> ScalarOutputs => [];

    /// <summary>Outputs that transformers does not have.</summary>
    public virtual IReadOnlyList<string> AdditionalOutputs => [];

    /// <summary>Whether a text is one choice of several, so that an input is [batch, choices, length].</summary>
    public virtual bool ReadsChoices => false;

    /// <summary>Whether a checkpoint with this head has the other's parameters too.</summary>
    public virtual bool ServesAs(ModelHead other) => other == Head;

    /// <summary>Adds the head's operations and outputs.</summary>
    public abstract void Build(HeadContext context);
}
