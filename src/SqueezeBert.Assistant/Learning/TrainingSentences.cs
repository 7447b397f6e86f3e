using System.Text.Json;
using SqueezeBert.Assistant.Analysis;
using SqueezeBert.Assistant.Definitions;
using SqueezeBert.Evaluation;
using SqueezeBert.Files;

namespace SqueezeBert.Assistant.Learning;

/// <summary>The sentences of a file as the trainer takes them: some left out, variants, words with tags.</summary>
internal static class TrainingSentences
{
    private const int FewestOfIntent = 3;

    /// <summary>
    /// Leaves one sentence in so many of each intent out, by a hash of the text; of an intent with fewer than three sentences none.
    /// </summary>
    public static (List<Example> Train, List<Example> Left) Split(IReadOnlyList<Example> examples, int every)
    {
        var left = new HashSet<Example>(ReferenceEqualityComparer.Instance);
        foreach (var intent in examples.GroupBy(example => example.Intent, StringComparer.Ordinal))
        {
            var ordered = intent.OrderBy(example => HashSplit.Hash(example.Text)).ThenBy(example => example.Line).ToList();
            if (ordered.Count < FewestOfIntent || every == 0) continue;
            foreach (var example in ordered.Take(Math.Max(1, ordered.Count / every))) left.Add(example);
        }

        // A sentence that stands there twice must not be on both sides.
        var texts = left.Select(example => example.Text).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return ([.. examples.Where(example => !texts.Contains(example.Text))], [.. left]);
    }

    /// <summary>
    /// The sentences, and of each with slots some in which other values stand: those of the entity's list, and of the other sentences.
    /// </summary>
    public static List<Example> WithVariants(IReadOnlyList<Example> examples, AssistantDefinition definition, int variants, ulong seed)
    {
        var values = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var entity in definition.Entities.Values) values[entity.Name] = [.. entity.Lookup.Values];
        foreach (var example in examples)
        {
            foreach (var span in example.Spans)
            {
                var words = example.Text[span.Start..span.End];
                if (values.TryGetValue(span.Entity, out var known) && !known.Contains(words, StringComparer.OrdinalIgnoreCase))
                    known.Add(words);
            }
        }

        var result = new List<Example>(examples);
        foreach (var example in examples.Where(example => example.Spans.Count > 0))
        {
            // Which values follows from the sentence, whatever stands before it.
            var random = new Random((int)(HashSplit.Hash(example.Text) ^ seed));
            for (var i = 0; i < variants; i++)
            {
                var variant = Replace(example, values, random);
                if (variant.Text != example.Text) result.Add(variant);
            }
        }

        return result;
    }

    /// <summary>Writes JSON lines with words, tags and an intent.</summary>
    public static void Write(string path, IEnumerable<Example> examples) => AtomicFile.WriteText(path, writer =>
    {
        foreach (var example in examples)
        {
            var (words, tags) = Tagged(example);
            writer.Write($"{{\"words\":{Json(words)},\"tags\":{Json(tags)},");
            writer.Write($"\"intent\":{Json(example.Intent)},\"text\":{Json(example.Text)}}}\n");
        }
    });

    private static (List<string> Words, List<string> Tags) Tagged(Example example)
    {
        var (words, tags) = (new List<string>(), new List<string>());
        SlotSpan? before = null;
        foreach (var (start, end) in WordSplitter.Split(example.Text))
        {
            // A slot may begin within what stands between white space ("[7](time)am").
            for (var from = start; from < end;)
            {
                var span = example.Spans.FirstOrDefault(one => one.Start <= from && from < one.End);
                var to = Math.Min(end, span?.End ?? example.Spans.Where(one => one.Start > from).Select(one => one.Start)
                    .DefaultIfEmpty(end).Min());
                words.Add(example.Text[from..to]);
                tags.Add(span is null ? "O" : ReferenceEquals(span, before) ? $"I-{span.Slot}" : $"B-{span.Slot}");
                before = span;
                from = to;
            }
        }

        return (words, tags);
    }

    private static Example Replace(Example example, Dictionary<string, List<string>> values, Random random)
    {
        var (text, place) = (new System.Text.StringBuilder(), 0);
        var spans = new List<SlotSpan>();
        foreach (var span in example.Spans)
        {
            var known = values.GetValueOrDefault(span.Entity);
            var words = known is { Count: > 0 } ? known[random.Next(known.Count)] : example.Text[span.Start..span.End];
            text.Append(example.Text, place, span.Start - place);
            spans.Add(span with { Start = text.Length, End = text.Length + words.Length });
            text.Append(words);
            place = span.End;
        }

        text.Append(example.Text, place, example.Text.Length - place);
        return example with { Text = text.ToString(), Spans = spans };
    }

    private static string Json(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static string Json(List<string> texts) => $"[{string.Join(',', texts.Select(Json))}]";
}
