using SqueezeBert.Checkpoints;

namespace SqueezeBert.Extensions.Models;

/// <summary>The pipelines that there are, and how each is made of a model and the host's options.</summary>
internal static class PipelineTypes
{
    private static readonly Dictionary<Type, Func<InferenceModel, SqueezeBertOptions, TextPipeline>> Factories = new()
    {
        [typeof(TextClassifier)] = static (model, options) => new TextClassifier(
            model, options.TextClassifier with { Reading = Merge(options.TextClassifier, options) }),
        [typeof(TextReranker)] = static (model, options) => new TextReranker(
            model, options.TextReranker with { Reading = Merge(options.TextReranker, options) }),
        [typeof(ZeroShotClassifier)] = static (model, options) => new ZeroShotClassifier(
            model, options.ZeroShotClassifier with { Reading = Merge(options.ZeroShotClassifier, options) }),
        [typeof(QuestionAnswerer)] = static (model, options) => new QuestionAnswerer(
            model, options.QuestionAnswerer with { Reading = Merge(options.QuestionAnswerer, options) }),
        [typeof(TextEmbedder)] = static (model, options) => new TextEmbedder(
            model, options.TextEmbedder with { Reading = Merge(options.TextEmbedder, options) }),
        [typeof(MaskFiller)] = static (model, options) => new MaskFiller(
            model, options.MaskFiller with { Reading = Merge(options.MaskFiller, options) }),
        [typeof(TokenClassifier)] = static (model, options) => new TokenClassifier(
            model, options.TokenClassifier with { Reading = Merge(options.TokenClassifier, options) }),
        [typeof(ChoiceSelector)] = static (model, options) => new ChoiceSelector(
            model, options.ChoiceSelector with { Reading = Merge(options.ChoiceSelector, options) }),
        [typeof(FeatureExtractor)] = static (model, options) => new FeatureExtractor(
            model, options.FeatureExtractor with { Reading = Merge(options.FeatureExtractor, options) }),
    };

    public static IReadOnlyCollection<Type> All => Factories.Keys;

    /// <summary>Makes a pipeline, which borrows the model.</summary>
    /// <exception cref="UnsupportedModelException">The model is of another kind.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TextPipeline Create(Type type, InferenceModel model, SqueezeBertOptions options) =>
        Factories.TryGetValue(type, out var create)
            ? create(model, options)
            : throw new NotSupportedException($"{type} is no pipeline that a host makes by itself: make it of {nameof(HostedModel)}.Model");

    /// <summary>A pipeline's own reading before that of all pipelines.</summary>
    public static ReadingOptions Merge(PipelineOptions own, SqueezeBertOptions options) => own.Reading with
    {
        MaxLength = own.Reading.MaxLength ?? options.Reading.MaxLength,
        MaxCharacters = own.Reading.MaxCharacters ?? options.Reading.MaxCharacters,
        LongText = own.Reading.LongText ?? options.Reading.LongText,
    };
}
