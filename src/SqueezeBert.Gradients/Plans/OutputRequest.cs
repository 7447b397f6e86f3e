namespace SqueezeBert.Gradients.Plans;

/// <summary>A request for an output of a session.</summary>
/// <param name="Name">The name of an output of the graph, such as <see cref="Graphs.OutputNames.Logits"/>.</param>
/// <param name="IsOverwritten">
/// Whether the gradient may overwrite the output. It is meant for a large output (the logits of a language model) that only one loss reads.
/// </param>
/// <param name="IsGradientKept">
/// Whether the complete gradient of the output, from losses and from operations that read it, is read afterwards.
/// </param>
internal sealed record OutputRequest(string Name, bool IsOverwritten = false, bool IsGradientKept = false);
