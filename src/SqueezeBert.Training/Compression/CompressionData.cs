using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Files;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Compression;

/// <summary>
/// The user's examples in parts that have no text in common, by a hash of the text: one that decides, one that is reported on and, where
/// pruned models are healed, one that they learn from.
/// </summary>
internal sealed class CompressionData
{
    private const int Shares = 10;

    // Of ten shares with healing: four to learn from, three to decide, three to report on. Without: five and five.
    private const int LearntShares = 4;
    private const int DecidingWithHealing = 3;
    private const int DecidingAlone = 5;

    // The parts must not depend on which part of the same file a training held out.
    private const ulong Key = 0xC0DE;

    private CompressionData(
        IReadOnlyList<TextExample> learnt, IReadOnlyList<TextExample> deciding, IReadOnlyList<TextExample> reported)
    {
        (Learnt, Deciding, Reported) = (learnt, deciding, reported);
    }

    /// <summary>What healing learns from; empty without it.</summary>
    public IReadOnlyList<TextExample> Learnt { get; }

    /// <summary>What every candidate is measured on.</summary>
    public IReadOnlyList<TextExample> Deciding { get; }

    /// <summary>What only the given model and the final one are measured on.</summary>
    public IReadOnlyList<TextExample> Reported { get; }

    /// <summary>What the importance of parts is measured on.</summary>
    public IReadOnlyList<TextExample> ForImportance => Learnt.Count > 0 ? Learnt : Deciding;

    /// <exception cref="DataFormatException">A row is malformed, or there are too few for every part to have one.</exception>
    public static CompressionData Read(DataSource source, bool heals, CancellationToken cancellationToken)
    {
        var (learnt, deciding, reported) = (new List<TextExample>(), new List<TextExample>(), new List<TextExample>());
        var rows = ExampleReader.Read(
            source.File, source.Text, source.Pair, source.Label, source.TableOptions, cancellationToken);
        foreach (var example in rows.Take(source.Limit ?? int.MaxValue))
        {
            var share = (int)(HashedNumbers.Mix(HashSplit.Hash(example.Text) ^ Key) % Shares);
            if (heals && share < LearntShares) learnt.Add(example);
            else if (share < (heals ? LearntShares + DecidingWithHealing : DecidingAlone)) deciding.Add(example);
            else reported.Add(example);
        }

        var data = new CompressionData(learnt, deciding, reported);
        return deciding.Count > 0 && reported.Count > 0 && (!heals || learnt.Count > 0) ? data
            : throw new DataFormatException(source.File, null, string.Create(CultureInfo.InvariantCulture,
                $"has {learnt.Count + deciding.Count + reported.Count} rows, which are too few to decide on some and report on others"));
    }

    /// <summary>Writes examples as a table whose labels are names of the model, for the training to read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="examples">What to write.</param>
    /// <param name="name">The file that they come from, for messages.</param>
    /// <param name="problem">What the labels are.</param>
    /// <param name="labels">How the data write them.</param>
    /// <param name="numbers">Where not null, what each example's number is averaged with.</param>
    /// <exception cref="DataFormatException">A label is unknown.</exception>
    public static DataSource Write(
        string path, IReadOnlyList<TextExample> examples, string name, ProblemType problem, LabelList labels,
        IReadOnlyList<double>? numbers = null)
    {
        AtomicFile.Write(path, stream =>
        {
            for (var i = 0; i < examples.Count; i++)
            {
                var row = new JsonObject { ["text"] = examples[i].Text };
                if (examples[i].Pair is { } pair) row["pair"] = pair;
                row["label"] = Label(examples[i], i);
                stream.Write(Encoding.UTF8.GetBytes(row.ToJsonString()));
                stream.WriteByte((byte)'\n');
            }
        });
        return new DataSource
        {
            File = path,
            Format = TableFormat.JsonLines,
            Pair = examples.Count > 0 && examples[0].Pair is not null ? "pair" : null,
        };

        string Label(TextExample example, int i) => problem switch
        {
            ProblemType.Regression => Number(example, i),
            ProblemType.MultiLabelClassification => new JsonArray(
                [.. labels.FindAll(example, name).Select(id => (JsonNode)labels.Names[id])]).ToJsonString(),
            _ => labels.Names[labels.Find(example with { Label = example.Label.Trim() }, name)],
        };

        string Number(TextExample example, int i)
        {
            if (!double.TryParse(example.Label, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
                throw new DataFormatException(name, example.Line, $"'{example.Label}' is not a number, which the model predicts");
            return (numbers is null ? value : (value + numbers[i]) / 2).ToString("R", CultureInfo.InvariantCulture);
        }
    }
}
