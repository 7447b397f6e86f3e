using System.Runtime.InteropServices;
using SqueezeBert.Evaluation;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Tagging;

/// <summary>
/// Sentences as examples: the first piece of each word has the word's tag, other pieces have none. An example's numbers are triples of a
/// place among its tokens, the number of the word there, and its tag. A sentence is held out by the hash of its words.
/// </summary>
internal class TaggedData : StageData
{
    private const int SentencesAtATime = 2048;

    private readonly StageInput _input;
    private readonly LabelIds _labels;
    private readonly List<TaggedRow> _sentences = new(SentencesAtATime);
    private readonly Dictionary<string, (string File, long Line)> _orphans = new(StringComparer.Ordinal);
    private readonly List<int> _numbers = [];
    private readonly int[] _ids;

    protected TaggedData(StageInput input)
    {
        _input = input;
        _labels = new LabelIds(input.GivenLabels);
        _ids = new int[input.Stage.MaxLength];
    }

    /// <summary>The tag of each word of each sentence that is held out.</summary>
    public List<int[]> HeldOutTags { get; } = [];

    private StageRecipe Stage => _input.Stage;

    /// <exception cref="DataFormatException">A row is malformed, or a tag cannot stand where it stands.</exception>
    public static TaggedData Read(StageInput input, CancellationToken cancellationToken)
    {
        var data = new TaggedData(input);
        data.ReadFiles(cancellationToken);
        return data;
    }

    /// <summary>Reads all files of the stage.</summary>
    protected void ReadFiles(CancellationToken cancellationToken)
    {
        for (var i = 0; i < Stage.Sources.Count; i++)
        {
            if (i == Stage.Data.Count) FixLabels();
            ReadFile(i, cancellationToken);
        }

        CheckOrphans();
        Labels = _labels.Names;
    }

    /// <summary>From now on, labels that have not been seen are errors.</summary>
    protected virtual void FixLabels() => _labels.Fix();

    /// <summary>Told each sentence, in the order of its set's texts.</summary>
    protected virtual void AddSentence(TaggedRow sentence, string file, bool isHeldOut)
    {
    }

    private void ReadFile(int sourceIndex, CancellationToken cancellationToken)
    {
        var source = Stage.Sources[sourceIndex];
        var file = _input.PathOf(source);
        foreach (var sentence in TaggedFile.Read(file, source, cancellationToken))
        {
            _sentences.Add(sentence);
            if (_sentences.Count == SentencesAtATime) Flush(file, sourceIndex, cancellationToken);
        }

        Flush(file, sourceIndex, cancellationToken);
    }

    private void Flush(string file, int sourceIndex, CancellationToken cancellationToken)
    {
        var texts = _sentences.Select(sentence => string.Join(' ', sentence.Words)).ToList();
        var encodings = _input.Tokenizer.EncodeBatch(texts, new EncodingOptions { AddSpecialTokens = false }, cancellationToken);
        for (var i = 0; i < texts.Count; i++)
        {
            var isHeldOut = sourceIndex >= Stage.Data.Count || (Stage.HeldOut > 0 && HashSplit.IsHeldOut(texts[i], Stage.HeldOut));
            AddSentence(_sentences[i], file, isHeldOut);
            Add(_sentences[i], encodings[i], Tags(_sentences[i], file), sourceIndex, isHeldOut);
        }

        _sentences.Clear();
    }

    private int[] Tags(TaggedRow sentence, string file)
    {
        var tags = new int[sentence.Words.Count];
        var before = "";
        for (var word = 0; word < tags.Length; word++)
        {
            var tag = sentence.Tags[word];
            tags[word] = _labels.Id(tag, file, sentence.LineOf(word));
            if (Kind(tag) is { } kind && !(Kind(before, "BIM") == kind)) _orphans.TryAdd(tag, (file, sentence.LineOf(word)));
            before = tag;
        }

        return tags;
    }

    // The kind of a tag that goes on; whether it is a tag of a scheme shows only when all are known.
    private static string? Kind(string tag, string places = "IEML") =>
        tag.Length > 2 && tag[1] == '-' && places.Contains(tag[0], StringComparison.Ordinal) ? tag[2..] : null;

    private void CheckOrphans()
    {
        foreach (var (tag, (file, line)) in _orphans)
        {
            if (!_labels.Names.Contains($"B-{tag[2..]}")) continue;
            throw new DataFormatException(file, line,
                $"'{tag}' stands behind no B-{tag[2..]}: each entity begins with B- (a file in IOB1 must be converted)");
        }
    }

    private void Add(TaggedRow sentence, TextEncoding encoding, int[] tags, int sourceIndex, bool isHeldOut)
    {
        var set = isHeldOut ? HeldOut : Train;
        var text = set.AddText(sourceIndex);
        if (isHeldOut) HeldOutTags.Add(tags);
        var places = FirstPieces(sentence, encoding);
        var room = Stage.MaxLength - SequenceLayout.SpecialTokensOfText;
        var count = Stage.LongText == LongText.Windows ? encoding.Length : Math.Min(encoding.Length, room);

        // What is held out is read as the pipeline reads it: each word once, in the window that has most around it.
        var windows = isHeldOut ? new TokenWindows(count, room) : new TokenWindows(count, room, Stage.Stride);
        while (windows.MoveNext())
        {
            var window = windows.Current;
            var (from, to) = isHeldOut ? (window.OwnedStart, window.OwnedEnd) : (window.Start, window.End);
            _numbers.Clear();
            for (var word = 0; word < places.Length; word++)
            {
                if (places[word] >= from && places[word] < to) _numbers.AddRange([places[word] - window.Start + 1, word, tags[word]]);
            }

            var tokens = encoding.Ids[window.Start..window.End];
            var layout = new SequenceLayout(tokens.Length, null, Special: true);
            var ids = _ids.AsSpan(0, layout.Length);
            _input.Tokenizer.WriteSequence(layout, tokens, [], ids);
            set.Add(ids, layout.Length, set.AddNumbers(CollectionsMarshal.AsSpan(_numbers)), text);
            if (!isHeldOut) Weights.Add((float)Stage.Data[sourceIndex].Weight);
        }
    }

    /// <summary>The token that each word begins with; -1 for a word of which nothing is left.</summary>
    private static int[] FirstPieces(TaggedRow sentence, TextEncoding encoding)
    {
        var places = new int[sentence.Words.Count];
        Array.Fill(places, -1);
        var (word, end) = (0, sentence.Words[0].Length);
        var offsets = encoding.Offsets;
        for (var token = 0; token < offsets.Length; token++)
        {
            while (offsets[token].Start >= end && word < places.Length - 1) end += 1 + sentence.Words[++word].Length;
            if (places[word] < 0) places[word] = token;
        }

        return places;
    }
}
