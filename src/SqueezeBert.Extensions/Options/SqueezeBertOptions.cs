namespace SqueezeBert.Extensions;

/// <summary>
/// The model that a host serves, and how it is used. A configuration section can set <see cref="ModelPath"/>, the values of
/// <see cref="Model"/> and <see cref="Reading"/>, <see cref="LoadInBackground"/>, <see cref="ReloadOnChange"/> and
/// <see cref="ReloadInterval"/>, under these names. The options of the pipelines can only be set in code.
/// </summary>
public sealed class SqueezeBertOptions
{
    /// <summary>
    /// The path of a model folder, a .safetensors file or an .onnx file, as for
    /// <see cref="InferenceModel.Load(ModelSource, ModelOptions)"/>. It is absolute or relative to the current folder of the process.
    /// Nothing is downloaded. Required.
    /// </summary>
    public string? ModelPath { get; set; }

    /// <summary>How the model computes.</summary>
    public ModelOptions Model { get; set; } = new();

    /// <summary>How much of a text the pipelines read, unless their own options or a call say otherwise.</summary>
    public ReadingOptions Reading { get; set; } = new();

    /// <summary>
    /// Whether the host starts while the model is still loading (default false). A server then answers that it is not ready, instead of
    /// refusing connections. Several such models load one after another, in the order in which they were added. A model that cannot be
    /// loaded stops the host.
    /// </summary>
    public bool LoadInBackground { get; set; }

    /// <summary>Whether the files of the model are watched and loaded again after a change (default false).</summary>
    public bool ReloadOnChange { get; set; }

    /// <summary>
    /// The interval at which the files are checked (default 5 seconds). A change is loaded after two checks with the same result, so a
    /// folder that is still being copied is not read.
    /// </summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The options of <see cref="TextClassifier"/>.</summary>
    public TextClassifierOptions TextClassifier { get; set; } = new();

    /// <summary>The options of <see cref="TextReranker"/>.</summary>
    public TextRerankerOptions TextReranker { get; set; } = new();

    /// <summary>The options of <see cref="ZeroShotClassifier"/>.</summary>
    public ZeroShotClassifierOptions ZeroShotClassifier { get; set; } = new();

    /// <summary>The options of <see cref="QuestionAnswerer"/>.</summary>
    public QuestionAnswererOptions QuestionAnswerer { get; set; } = new();

    /// <summary>The options of <see cref="TextEmbedder"/>.</summary>
    public TextEmbedderOptions TextEmbedder { get; set; } = new();

    /// <summary>The options of <see cref="MaskFiller"/>.</summary>
    public MaskFillerOptions MaskFiller { get; set; } = new();

    /// <summary>The options of <see cref="TokenClassifier"/>.</summary>
    public TokenClassifierOptions TokenClassifier { get; set; } = new();

    /// <summary>The options of <see cref="ChoiceSelector"/>.</summary>
    public ChoiceSelectorOptions ChoiceSelector { get; set; } = new();

    /// <summary>The options of <see cref="FeatureExtractor"/>.</summary>
    public FeatureExtractorOptions FeatureExtractor { get; set; } = new();

    /// <summary>Whether a model that is loaded with these answers like one that is loaded with others.</summary>
    internal bool HasSameValues(SqueezeBertOptions other) =>
        ModelPath == other.ModelPath && Model == other.Model && Reading == other.Reading && TextClassifier == other.TextClassifier &&
        TextReranker == other.TextReranker &&
        ZeroShotClassifier == other.ZeroShotClassifier && QuestionAnswerer == other.QuestionAnswerer &&
        TextEmbedder == other.TextEmbedder && MaskFiller == other.MaskFiller && ChoiceSelector == other.ChoiceSelector &&
        FeatureExtractor == other.FeatureExtractor &&
        TokenClassifier with { IgnoredLabels = other.TokenClassifier.IgnoredLabels } == other.TokenClassifier &&
        TokenClassifier.IgnoredLabels.SequenceEqual(other.TokenClassifier.IgnoredLabels);
}
