namespace SqueezeBert;

/// <summary>
/// What a <see cref="FeatureExtractor"/> gives. A long text is truncated where <see cref="PipelineOptions.Reading"/> does not say
/// otherwise. Windows overlap by half; each token's hidden state comes from one window: of two that see it, the overlap's first half
/// belongs to the earlier and the second to the later. That of [CLS] is the first window's, that of [SEP] the last one's.
/// </summary>
public sealed record FeatureExtractorOptions : PipelineOptions
{
    /// <summary>Which hidden states: 0 for the embeddings, N for those behind layer N; null for the last.</summary>
    public int? Layer { get; init; }
}
