using SqueezeBert.Assistant.Analysis;
using SqueezeBert.Files;

namespace SqueezeBert.Assistant.Learning;

/// <summary>What a model makes of a text whose scope is known.</summary>
/// <param name="Vector">The hidden state of [CLS].</param>
/// <param name="Confidence">The probability of the likeliest intent.</param>
/// <param name="Class">The number of its intent; -1: it is out of scope.</param>
/// <param name="Fold">The part that it belongs to; equal texts are in the same part.</param>
internal sealed record ScopeText(ReadOnlyMemory<float> Vector, double Confidence, int Class, int Fold);

/// <summary>Reads texts whose scope is known, and learns the distance to the intents from them.</summary>
internal static class ScopeTexts
{
    /// <summary>Asks the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="roles">Its heads.</param>
    /// <param name="texts">Texts with their intents; of texts out of scope, null.</param>
    /// <param name="cancellationToken">Looked at between texts.</param>
    /// <exception cref="ArgumentException">An intent is none of the model's.</exception>
    public static List<ScopeText> Read(
        InferenceModel model, ModelRoles roles, IReadOnlyList<(string Text, string? Intent)> texts, CancellationToken cancellationToken)
    {
        using var classifier = new TextClassifier(model, new TextClassifierOptions { Head = roles.Intent });
        using var embedder = TextAnalyzer.Vectors(model);
        var classes = texts.Select(text => text.Intent is { } intent ? ClassOf(intent, classifier.Labels) : -1).ToList();
        var answers = classifier.ClassifyStream(texts.Select(text => Cut(text.Text)), cancellationToken: cancellationToken);
        var vectors = embedder.EmbedStream(texts.Select(text => Cut(text.Text)), cancellationToken: cancellationToken);
        return [.. answers.Zip(vectors).Select((read, i) => new ScopeText(
            read.Second.Vector.ToArray(), TextAnalyzer.Known(read.First)[0].Score, classes[i], ScopeFolds.Of(texts[i].Text)))];
    }

    /// <summary>The distance to the intents of texts in scope.</summary>
    /// <exception cref="ArgumentException">The texts of each intent all have the same vector.</exception>
    public static ScopeDistance Distance(IReadOnlyList<ScopeText> texts, CancellationToken cancellationToken) =>
        ScopeDistance.Fit([.. texts.Select(text => text.Vector)], [.. texts.Select(text => text.Class)], cancellationToken);

    /// <summary>"in" or "out of", by the name of the parameter that has the texts.</summary>
    public static string SideOf(string parameter) => parameter == "inScope" ? "in" : "out of";

    private static int ClassOf(string intent, IReadOnlyList<string> labels)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i] == intent) return i;
        }

        throw new ArgumentException($"'{intent}' is no intent of the model: those are {NearestNames.List(intent, labels)}");
    }

    private static string Cut(string text) => text.Length > TextAnalyzer.MaxLength ? text[..TextAnalyzer.MaxLength] : text;
}
