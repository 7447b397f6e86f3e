using System.Diagnostics;

namespace SqueezeBert.Load.Scenarios;

/// <summary>The library itself on a model, in this process: what a server can be compared with.</summary>
internal sealed class LibraryModel : IDisposable
{
    /// <summary>Texts of a call of many.</summary>
    private const int Together = 256;

    private readonly InferenceModel _model;
    private readonly TextClassifier? _classifier;
    private readonly TextEmbedder? _embedder;

    public LibraryModel(string path)
    {
        _model = InferenceModel.Load(path);
        if (_model.Heads.Contains("sequence classification")) _classifier = new TextClassifier(_model);
        else _embedder = new TextEmbedder(_model, new TextEmbedderOptions { Normalize = true });
    }

    /// <summary>Whether it has labels; otherwise vectors are asked of it.</summary>
    public bool IsClassifier => _classifier is not null;

    /// <summary>Tokens that it can read of a text at once.</summary>
    public int LongestText => _model.Configuration.MaxPositionEmbeddings;

    /// <summary>A text of a number of tokens, special ones included.</summary>
    public string Text(int tokens, Random random)
    {
        // Words of one token each, and so many that the text is long enough in any vocabulary.
        string[] words =
            ["the", "film", "was", "good", "bad", "very", "and", "a", "story", "about", "nothing", "at", "all", "it", "but", "not"];
        return string.Join(' ', Enumerable.Range(0, tokens - 2).Select(_ => words[random.Next(words.Length)]));
    }

    /// <summary>Texts a second where there are many.</summary>
    public double TextsASecond(IReadOnlyList<string> texts, TimeSpan duration)
    {
        var batch = Enumerable.Range(0, Together).Select(i => texts[i % texts.Count]).ToList();
        Run(batch);
        var started = Stopwatch.GetTimestamp();
        var count = 0L;
        for (; Stopwatch.GetElapsedTime(started) < duration; count += batch.Count) Run(batch);
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Milliseconds of one text alone, the median of many.</summary>
    public double MillisecondsOfOne(IReadOnlyList<string> texts, TimeSpan duration)
    {
        var times = new List<double>();
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; Stopwatch.GetElapsedTime(started) < duration; i++)
        {
            var asked = Stopwatch.GetTimestamp();
            Run([texts[i % texts.Count]]);
            times.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
        }

        // The first half compiles code.
        return times.Skip(times.Count / 2).Order().ElementAt(times.Count / 4);
    }

    public void Dispose()
    {
        _classifier?.Dispose();
        _embedder?.Dispose();
        _model.Dispose();
    }

    private void Run(IReadOnlyList<string> texts)
    {
        if (_classifier is not null && texts.Count == 1) _classifier.Classify(texts[0]);
        else if (_classifier is not null) _classifier.Classify(texts);
        else if (texts.Count == 1) _embedder!.Embed(texts[0]);
        else _embedder!.Embed(texts);
    }
}
