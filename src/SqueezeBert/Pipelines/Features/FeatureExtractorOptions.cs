namespace SqueezeBert;

/// <summary>
/// What a <see cref="FeatureExtractor"/> gives. A long text is truncated unless <see cref="PipelineOptions.Reading"/> says otherwise.
/// Windows overlap by half, and the hidden state of each token comes from one window: the first half of an overlap belongs to the earlier
/// window, the second half to the later one. The hidden state of [CLS] comes from the first window and that of [SEP] from the last.
/// </summary>
public sealed record FeatureExtractorOptions : PipelineOptions
{
    /// <summary>Which hidden states: 0 for the embeddings, N for those behind layer N; null for the last.</summary>
    public int? Layer { get; init; }
}
