namespace SqueezeBert.Gradients.Plans;

/// <summary>An output that a session is made for.</summary>
/// <param name="Name">One of the graph's, such as <see cref="Graphs.OutputNames.Logits"/>.</param>
/// <param name="IsOverwritten">
/// Whether the gradient may take the output's own memory: for a large output (a language model's logits) that a single loss reads.
/// </param>
/// <param name="IsGradientKept">Whether the whole gradient by it, of losses and of what reads it, is asked for afterwards.</param>
internal sealed record OutputRequest(string Name, bool IsOverwritten = false, bool IsGradientKept = false);
