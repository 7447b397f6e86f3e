namespace SqueezeBert;

/// <summary>What a <see cref="FeatureExtractor"/> gives. A text that is too long is truncated, and the result says so.</summary>
public sealed record FeatureExtractorOptions : PipelineOptions
{
    /// <summary>Which hidden states: 0 for the embeddings, N for those behind layer N; null for the last.</summary>
    public int? Layer { get; init; }
}
