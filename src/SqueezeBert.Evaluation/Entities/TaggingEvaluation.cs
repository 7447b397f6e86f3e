using System.Runtime.InteropServices;
using SqueezeBert.Files;
using SqueezeBert.Pipelines.Tagging;

namespace SqueezeBert.Evaluation;

/// <summary>
/// Evaluates token-classification models: by entities if the labels of the model are BIO tags, otherwise by the tags of words.
/// </summary>
public static class TaggingEvaluation
{
    /// <summary>
    /// Evaluates a model on one or more sets of sentences. A word has the label of its first token, as in training. A word that was not
    /// read has the tag for no entity.
    /// </summary>
    /// <param name="model">A model with a token-classification head.</param>
    /// <param name="sets">The sets of sentences. All tags are checked before anything is computed.</param>
    /// <param name="mode">How tags are converted to entities.</param>
    /// <param name="reading">How much of each sentence is read. Null reads all of it, and long sentences in windows.</param>
    /// <param name="head">The named head to use (<see cref="PipelineOptions.Head"/>). Null uses the only one that fits.</param>
    /// <param name="progress">
    /// Receives the progress after each hundredth of the sentences, on the calling thread. Null reports nothing.
    /// </param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>
    /// An <see cref="EntityReport"/> for each set and for all sets together, or a <see cref="ClassificationReport"/> over words if the
    /// labels are not entity tags.
    /// </returns>
    /// <exception cref="ArgumentException">The mode is strict, and the model has other tags than those of BIO.</exception>
    /// <exception cref="DataFormatException">The model does not have the kind of a tag. The message names the set and the line.</exception>
    public static EvaluationResult Evaluate(
        InferenceModel model,
        IReadOnlyList<TaggedSet> sets,
        EntityMode mode = EntityMode.Lenient,
        ReadingOptions? reading = null,
        string? head = null,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        return Evaluate(
            model, sets, new TaggingEvaluationOptions { Mode = mode, Reading = reading, Head = head }, progress, cancellationToken);
    }

    /// <summary>Evaluates a model on one or more sets of sentences. A word has the label of its first token, as in training.</summary>
    /// <param name="model">A model with a token-classification head.</param>
    /// <param name="sets">The sets of sentences. All tags are checked before anything is computed.</param>
    /// <param name="options">How tags are chosen and counted, and which head is used.</param>
    /// <param name="progress">
    /// Receives the progress after each hundredth of the sentences, on the calling thread. Null reports nothing.
    /// </param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>As for the other overload.</returns>
    /// <exception cref="ArgumentException">The mode is strict, and the model has other tags than those of BIO.</exception>
    /// <exception cref="DataFormatException">The model does not have the kind of a tag. The message names the set and the line.</exception>
    public static EvaluationResult Evaluate(
        InferenceModel model,
        IReadOnlyList<TaggedSet> sets,
        TaggingEvaluationOptions options,
        IProgress<EvaluationProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sets);
        ArgumentNullException.ThrowIfNull(options);
        var mode = options.Mode;
        using var tagger = new TokenClassifier(model, new TokenClassifierOptions
        {
            Aggregation = EntityAggregation.None,
            IgnoredLabels = [],
            Head = options.Head,
            Reading = options.Reading ?? new ReadingOptions { LongText = LongText.Windows },
        });
        var tags = new TagNames(tagger.Labels);
        if (mode == EntityMode.Strict && tags.HasEntities
            && tagger.Labels.FirstOrDefault(label => !EntityTags.IsStrict(label)) is { } other)
            throw new ArgumentException($"the model's label '{other}' is no tag of strict BIO: O, B-KIND and I-KIND are", nameof(options));
        foreach (var set in sets) tags.Check(set, mode);
        var total = sets.Sum(set => set.Sentences.Count);
        var sentences = sets.SelectMany(set => set.Sentences);
        using var answers = (options.ForbidImpossibleTags ? TagsChosenTogether(tagger, sentences, tags.Missing, cancellationToken)
            : BestTags(tagger, sentences, tags.Missing, cancellationToken)).GetEnumerator();
        var parts = new List<EvaluationPart>();
        var all = tags.NewCounter(mode);
        var (done, allTruncated) = (0, 0);
        foreach (var set in sets)
        {
            var counter = tags.NewCounter(mode);
            var truncated = 0;
            foreach (var sentence in set.Sentences)
            {
                answers.MoveNext();
                var (predicted, isTruncated) = answers.Current;
                counter.Add(sentence.Tags, predicted);
                all.Add(sentence.Tags, predicted);
                if (isTruncated) truncated++;
                done++;
                if (progress is not null && (done == total || done * 100L / total > (done - 1) * 100L / total))
                    progress.Report(new EvaluationProgress(done, total));
            }

            parts.Add(new EvaluationPart(set.Name, counter.Report, truncated));
            allTruncated += truncated;
        }

        return new EvaluationResult(parts, new EvaluationPart("all", all.Report, allTruncated));
    }

    /// <summary>The best tag of each word's first token.</summary>
    private static IEnumerable<(List<string> Tags, bool IsTruncated)> BestTags(
        TokenClassifier tagger, IEnumerable<TaggedSentence> sentences, string missing, CancellationToken cancellationToken)
    {
        using var words = sentences.GetEnumerator();
        var texts = sentences.Select(sentence => string.Join(' ', sentence.Words));
        foreach (var answer in tagger.ClassifyStream(texts, cancellationToken: cancellationToken))
        {
            words.MoveNext();
            var rows = FirstTokens(words.Current.Words, [.. answer.Entities.Select(token => token.Start)]);
            yield return ([.. rows.Select(row => row < 0 ? missing : answer.Entities[row].Label)], answer.Read.IsTruncated);
        }
    }

    /// <summary>The best sequence of tags of the words' first tokens. Words that are not read are not part of it.</summary>
    private static IEnumerable<(List<string> Tags, bool IsTruncated)> TagsChosenTogether(
        TokenClassifier tagger, IEnumerable<TaggedSentence> sentences, string missing, CancellationToken cancellationToken)
    {
        var decoder = new TagDecoder(tagger.Labels);
        var width = tagger.Labels.Count;
        var probabilities = new List<float>();
        foreach (var sentence in sentences)
        {
            var (scores, offsets, read) = tagger.ScoreTokens(string.Join(' ', sentence.Words), cancellationToken);
            var rows = FirstTokens(sentence.Words, [.. offsets.Select(offset => offset.Start)]);
            probabilities.Clear();
            foreach (var row in rows.Where(row => row >= 0)) probabilities.AddRange(scores.AsSpan(row * width, width));
            var decoded = new int[probabilities.Count / width];
            decoder.DecodeProbabilities(CollectionsMarshal.AsSpan(probabilities), decoded);
            var next = 0;
            yield return ([.. rows.Select(row => row < 0 ? missing : tagger.Labels[decoded[next++]])], read.IsTruncated);
        }
    }

    /// <summary>The first token of each word, or -1 for a word that has none.</summary>
    private static int[] FirstTokens(IReadOnlyList<string> words, int[] starts)
    {
        var rows = new int[words.Count];
        var (token, start) = (0, 0);
        for (var word = 0; word < rows.Length; word++)
        {
            var end = start + words[word].Length;
            while (token < starts.Length && starts[token] < start) token++;
            rows[word] = token < starts.Length && starts[token] < end ? token : -1;
            start = end + 1;
        }

        return rows;
    }

    /// <summary>The labels of a model, and what of a data set fits them.</summary>
    private sealed class TagNames
    {
        private const string Outside = "O";

        private readonly IReadOnlyList<string> _labels;
        private readonly Dictionary<string, int> _places;
        private readonly HashSet<string> _known;

        public TagNames(IReadOnlyList<string> labels)
        {
            _labels = labels;
            _places = labels.Index().GroupBy(label => label.Item).ToDictionary(
                label => label.Key, label => label.First().Index, StringComparer.Ordinal);
            HasEntities = EntityTags.HaveEntities(labels);
            _known = [.. HasEntities ? labels.Select(Kind) : labels];
            Missing = HasEntities ? Outside : labels[0];
        }

        public bool HasEntities { get; }

        /// <summary>The tag of a word that was not read.</summary>
        public string Missing { get; }

        public void Check(TaggedSet set, EntityMode mode)
        {
            foreach (var sentence in set.Sentences)
            {
                for (var i = 0; i < sentence.Tags.Count; i++)
                {
                    var tag = sentence.Tags[i];
                    if (HasEntities && mode == EntityMode.Strict && !EntityTags.IsStrict(tag))
                    {
                        throw new DataFormatException(
                            set.Name, sentence.Line + i, $"'{tag}' is no tag of strict BIO: O, B-KIND and I-KIND are");
                    }

                    if (HasEntities ? tag == Outside || _known.Contains(Kind(tag)) : _known.Contains(tag)) continue;
                    throw new DataFormatException(set.Name, sentence.Line + i,
                        $"the model has no label '{tag}'; labels: {NearestNames.List(tag, _labels)}");
                }
            }
        }

        public Counter NewCounter(EntityMode mode) => HasEntities ? new EntityCounter(mode) : new WordCounter(_labels, _places);

        private static string Kind(string tag) => tag is ['B' or 'I' or 'E' or 'S', '-', _, ..] ? tag[2..] : tag;
    }

    private abstract class Counter
    {
        public abstract IEvaluationReport Report { get; }

        public abstract void Add(IReadOnlyList<string> labels, IReadOnlyList<string> predictions);
    }

    private sealed class EntityCounter(EntityMode mode) : Counter
    {
        private readonly EntityReport _report = new(mode);

        public override IEvaluationReport Report => _report;

        public override void Add(IReadOnlyList<string> labels, IReadOnlyList<string> predictions) => _report.Add(labels, predictions);
    }

    private sealed class WordCounter(IReadOnlyList<string> names, Dictionary<string, int> places) : Counter
    {
        private readonly ConfusionMatrix _matrix = new(names.Count);

        public override IEvaluationReport Report => new ClassificationReport(names, _matrix);

        public override void Add(IReadOnlyList<string> labels, IReadOnlyList<string> predictions)
        {
            for (var i = 0; i < labels.Count; i++) _matrix.Add(places[labels[i]], places[predictions[i]]);
        }
    }
}
