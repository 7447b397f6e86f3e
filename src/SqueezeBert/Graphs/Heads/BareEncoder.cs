namespace SqueezeBert.Graphs.Heads;

/// <summary>No head: hidden states and, where the architecture has one, the pooler.</summary>
internal sealed class BareEncoder() : HeadDescriptor(ModelHead.None, "encoder", "Model", HeadInput.FirstToken)
{
    public override IReadOnlyList<string> Answers => [OutputNames.LastHiddenState];

    public override void Build(HeadContext context)
    {
    }
}
