namespace SqueezeBert.Graphs.Heads;

/// <summary>The part of an encoder's output that a head reads.</summary>
internal enum HeadInput
{
    /// <summary>The hidden states of all tokens. Checkpoints of such classes contain no pooler.</summary>
    Tokens,

    /// <summary>The first token, after the pooler if the architecture has one.</summary>
    FirstToken,
}

/// <summary>
/// Everything that defines a head: its names, its input, the meaning of its outputs and how it is built. A new head derives from this class
/// and is listed in <see cref="ModelHeads"/>. Stateless.
/// </summary>
/// <param name="head">The head that is described.</param>
/// <param name="name">The name in messages and options: "token classification".</param>
/// <param name="classSuffix">The end of the class names in transformers: "ForTokenClassification".</param>
/// <param name="input">The part of the encoder's output that it reads.</param>
internal abstract class HeadDescriptor(ModelHead head, string name, string classSuffix, HeadInput input)
{
    public ModelHead Head { get; } = head;

    public string Name { get; } = name;

    public string ClassSuffix { get; } = classSuffix;

    public HeadInput Input { get; } = input;

    /// <summary>The outputs that are the answer of the head.</summary>
    public virtual IReadOnlyList<string> Answers => [OutputNames.Logits];

    /// <summary>The outputs that have no channel axis in transformers: one number per token or text.</summary>
    public virtual IReadOnlyList<string> ScalarOutputs => [];

    /// <summary>The outputs that transformers does not have.</summary>
    public virtual IReadOnlyList<string> AdditionalOutputs => [];

    /// <summary>Whether a text is one of several choices, so that the input has the shape [batch, choices, length].</summary>
    public virtual bool ReadsChoices => false;

    /// <summary>Whether a checkpoint with this head also contains the parameters of another head.</summary>
    public virtual bool ServesAs(ModelHead other) => other == Head;

    /// <summary>Adds the head's operations and outputs.</summary>
    public abstract void Build(HeadContext context);
}
