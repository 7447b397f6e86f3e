using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Files;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Compression;

/// <summary>
/// The user's examples, divided by a hash of the text into parts without common texts. One part decides, one is reported on, and pruned
/// models are trained on a third part if training is enabled.
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

    /// <summary>The examples for training pruned models; empty without training.</summary>
    public IReadOnlyList<TextExample> Learnt { get; }

    /// <summary>The examples on which every candidate is measured.</summary>
    public IReadOnlyList<TextExample> Deciding { get; }

    /// <summary>The examples on which only the original and the final model are measured.</summary>
    public IReadOnlyList<TextExample> Reported { get; }

    /// <summary>The examples on which the importance of parts is measured.</summary>
    public IReadOnlyList<TextExample> ForImportance => Learnt.Count > 0 ? Learnt : Deciding;

    /// <exception cref="DataFormatException">A row is malformed, or there are too few rows for all parts.</exception>
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

    /// <summary>Writes examples as a training table. Its labels are the label names of the model.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="examples">The examples to write.</param>
    /// <param name="name">The name of their original file in messages.</param>
    /// <param name="problem">How the labels are interpreted.</param>
    /// <param name="labels">How the data write the labels.</param>
    /// <param name="numbers">The numbers that the examples' numbers are averaged with, or null.</param>
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
