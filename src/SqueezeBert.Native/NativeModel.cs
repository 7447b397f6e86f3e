using System.Collections.Concurrent;

namespace SqueezeBert.Native;

/// <summary>
/// A model that a C program knows by a number, so that one that was freed is refused and not read. Thread-safe: freeing one lets its calls
/// end.
/// </summary>
internal sealed class NativeModel
{
    private static readonly ConcurrentDictionary<nint, NativeModel> Models = new();

    private static long _last;

    private readonly Dictionary<string, int>? _indices;

    public NativeModel(TextClassifier classifier)
    {
        Classifier = classifier;
        Width = classifier.Labels.Count;
        Labels = [.. classifier.Labels.Select(NativeText.Pinned)];

        // Labels of the same name cannot be told apart by it.
        if (classifier.Labels.Distinct().Count() == Width)
            _indices = classifier.Labels.Select((label, index) => (label, index)).ToDictionary(pair => pair.label, pair => pair.index);
    }

    public NativeModel(TextEmbedder embedder)
    {
        Embedder = embedder;
        Width = embedder.Dimensions;
    }

    /// <summary>Null where the model makes vectors.</summary>
    public TextClassifier? Classifier { get; }

    /// <summary>Null where the model is a classifier.</summary>
    public TextEmbedder? Embedder { get; }

    /// <summary>Numbers of a text.</summary>
    public int Width { get; }

    /// <summary>Zero-terminated; null where the model makes vectors.</summary>
    public IReadOnlyList<byte[]>? Labels { get; }

    /// <summary>Keeps a model under a number of its own.</summary>
    public static nint Add(NativeModel model)
    {
        var number = (nint)Interlocked.Increment(ref _last);
        Models[number] = model;
        return number;
    }

    public static NativeModel? TryFind(nint number) => Models.GetValueOrDefault(number);

    /// <exception cref="ArgumentException">There is none.</exception>
    public static NativeModel Find(nint number) => TryFind(number)
        ?? throw new ArgumentException(number == 0 ? "the model is NULL" : "there is no such model; was it freed?");

    /// <exception cref="ArgumentException">There is none.</exception>
    public static void Remove(nint number)
    {
        var model = Find(number);
        if (!Models.TryRemove(number, out _)) throw new ArgumentException("the model is freed already");
        model.Classifier?.Dispose();
        model.Embedder?.Dispose();
    }

    /// <summary>Scores of each text, in the order of the labels.</summary>
    public void Classify(string[] texts, Span<float> scores)
    {
        if (texts.Length == 1 || _indices is null)
        {
            for (var i = 0; i < texts.Length; i++) Classifier!.Classify(texts[i], scores[(i * Width)..], out _);
            return;
        }

        var answers = Classifier!.Classify(texts);
        for (var i = 0; i < answers.Count; i++)
        {
            foreach (var (label, score) in answers[i].Labels) scores[(i * Width) + _indices[label]] = score;
        }
    }

    /// <summary>The vector of each text.</summary>
    public void Embed(string[] texts, Span<float> vectors)
    {
        if (texts.Length == 1)
        {
            Embedder!.Embed(texts[0], vectors, out _);
            return;
        }

        var answers = Embedder!.Embed(texts);
        for (var i = 0; i < answers.Count; i++) answers[i].Vector.Span.CopyTo(vectors[(i * Width)..]);
    }
}
