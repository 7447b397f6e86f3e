using System.CommandLine;
using System.Text.Json.Nodes;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Cli.Commands;

/// <summary>What a model says of two texts: whether one follows from the other, whether they mean the same, how alike they are.</summary>
internal sealed class PairCommand : TextsCommand
{
    public PairCommand()
        : base(
            "pair",
            "Labels or scores pairs of texts: inference, paraphrase, similarity, whatever the model was trained for.",
            "for sequence classification",
            "TEXT",
            "The first text, and a second one or several to pair it with.",
            "A pair a line, the two texts separated by a tab ('-': standard input).")
    {
    }

    public override IReadOnlyList<string> Examples =>
    [
        "squeezebert pair --model squeezebert-mnli \"A man plays the guitar.\" \"Someone makes music.\"",
        "squeezebert pair --model squeezebert-mrpc --file pairs.tsv --json",
    ];

    public override int Run(ParseResult arguments, ToolConsole console, CancellationToken cancellationToken)
    {
        var texts = Texts(arguments);
        var file = FileName(arguments);
        if (texts.Count > 0 && file is not null) throw new UsageException("give texts or --file, not both");
        if (texts.Count < 2 && file is null) throw new UsageException("give two texts, --file FILE, or --file - for standard input");
        using var classifier = TextClassifier.Load(ModelPath(arguments, console, cancellationToken), new TextClassifierOptions { MaxLength = MaxLength(arguments), Inference = Inference(arguments) });
        var line = 0L;
        foreach (var batch in file is null ? [[.. texts.Skip(1)]] : Batches(arguments, console, cancellationToken))
        {
            List<(string Text, string? Pair)> pairs = file is null ? [.. batch.Select(second => (texts[0], second))] : [.. batch.Select(row => Split(row, file, ++line))];
            foreach (var (pair, answer) in pairs.Zip(classifier.ClassifyStream(pairs, cancellationToken)))
            {
                if (IsJson(arguments)) console.WriteJson(LabelAnswers.Json(new JsonObject { ["text"] = pair.Text, ["pair"] = pair.Pair }, answer));
                else console.Output.WriteLine($"{LabelAnswers.Plain(answer.Labels)}  {Mark(answer.IsTruncated)}{Excerpt.Of(pair.Text, 34)} | {Excerpt.Of(pair.Pair!, 34)}");
            }

            console.Output.Flush();
        }

        return Tool.Success;
    }

    private static (string Text, string? Pair) Split(string row, string file, long line)
    {
        var fields = row.Split('\t');
        return fields.Length == 2
            ? (fields[0], fields[1])
            : throw new DataFormatException(InputFile.Name(file), line, $"has {fields.Length} fields; a pair is two texts separated by a tab");
    }
}
