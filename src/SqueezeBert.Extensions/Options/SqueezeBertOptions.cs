namespace SqueezeBert.Extensions;

/// <summary>
/// Which model a host serves, and how. A configuration section sets <see cref="ModelPath"/>, the values of <see cref="Model"/> and
/// <see cref="Reading"/>, <see cref="LoadInBackground"/>, <see cref="ReloadOnChange"/> and <see cref="ReloadInterval"/> by these names; the
/// options of single pipelines are set in code.
/// </summary>
public sealed class SqueezeBertOptions
{
    /// <summary>
    /// A folder, a .safetensors or an .onnx file, as for <see cref="InferenceModel.Load(ModelSource, ModelOptions)"/>: an absolute path,
    /// or one from the process's current folder. Nothing is downloaded. Required.
    /// </summary>
    public string? ModelPath { get; set; }

    /// <summary>How the model computes.</summary>
    public ModelOptions Model { get; set; } = new();

    /// <summary>How much of a text the pipelines read, where neither their own options nor a call say.</summary>
    public ReadingOptions Reading { get; set; } = new();

    /// <summary>
    /// Whether the host starts while the model is still being loaded: a server then answers that it is not ready, instead of refusing
    /// connections. A model that cannot be loaded stops the host.
    /// </summary>
    public bool LoadInBackground { get; set; }

    /// <summary>Whether the model's files are watched, and loaded again when they have changed.</summary>
    public bool ReloadOnChange { get; set; }

    /// <summary>
    /// How often the files are looked at. A change is loaded when they have looked the same twice, so that a folder that is still being
    /// copied is left alone.
    /// </summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Of <see cref="TextClassifier"/>.</summary>
    public TextClassifierOptions TextClassifier { get; set; } = new();

    /// <summary>Of <see cref="TextReranker"/>.</summary>
    public TextRerankerOptions TextReranker { get; set; } = new();

    /// <summary>Of <see cref="ZeroShotClassifier"/>.</summary>
    public ZeroShotClassifierOptions ZeroShotClassifier { get; set; } = new();

    /// <summary>Of <see cref="QuestionAnswerer"/>.</summary>
    public QuestionAnswererOptions QuestionAnswerer { get; set; } = new();

    /// <summary>Of <see cref="TextEmbedder"/>.</summary>
    public TextEmbedderOptions TextEmbedder { get; set; } = new();

    /// <summary>Of <see cref="MaskFiller"/>.</summary>
    public MaskFillerOptions MaskFiller { get; set; } = new();

    /// <summary>Of <see cref="TokenClassifier"/>.</summary>
    public TokenClassifierOptions TokenClassifier { get; set; } = new();

    /// <summary>Of <see cref="ChoiceSelector"/>.</summary>
    public ChoiceSelectorOptions ChoiceSelector { get; set; } = new();

    /// <summary>Of <see cref="FeatureExtractor"/>.</summary>
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
