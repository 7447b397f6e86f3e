namespace SqueezeBert;

/// <summary>
/// What a <see cref="FeatureExtractor"/> returns and how it reads texts. A long text is truncated unless
/// <see cref="PipelineOptions.Reading"/> says otherwise. With windows, the windows overlap by half, and the hidden state of each token
/// comes from one window. The first half of an overlap is taken from the earlier window, and the second half from the later one. The hidden
/// state of [CLS] comes from the first window and that of [SEP] from the last.
/// </summary>
public sealed record FeatureExtractorOptions : PipelineOptions
{
    /// <summary>The layer whose output is returned: 0 for the embeddings, N for the output of layer N. Null means the last layer.</summary>
    public int? Layer { get; init; }
}
