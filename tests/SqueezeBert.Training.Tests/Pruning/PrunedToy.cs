using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Threading;
using SqueezeBert.Tokenization;
using SqueezeBert.Training.Compression;
using SqueezeBert.Training.Pruning;
using SqueezeBert.Training.Running;
using SqueezeBert.Training.Tasks;
using SqueezeBert.Training.Tests.Running;

namespace SqueezeBert.Training.Tests.Pruning;

/// <summary>An untrained classifier of any architecture, the toy's rows, and what is needed to prune it.</summary>
internal sealed class PrunedToy : IDisposable
{
    private readonly ToyTask _toy = new();
    private readonly WorkerPool _pool = new(2);
    private readonly BertTokenizer _tokenizer;

    public PrunedToy(string type, int rows = 40)
    {
        _tokenizer = BertTokenizer.Load(_toy.Path("vocab.txt"));
        var isDistil = type == "distilbert";
        var fields = new JsonObject
        {
            [isDistil ? "dim" : "hidden_size"] = 32,
            [isDistil ? "n_heads" : "num_attention_heads"] = 4,
            [isDistil ? "n_layers" : "num_hidden_layers"] = 3,
            [isDistil ? "hidden_dim" : "intermediate_size"] = 64,
            ["max_position_embeddings"] = 32,
        };
        if (type == "mobilebert") (fields["intra_bottleneck_size"], fields["num_feedforward_networks"]) = (16, 2);
        if (type == "squeezebert-separable") fields["convolution_kernel_sizes"] = new JsonArray(3, 5);

        // Groups that differ on both sides of the channels.
        if (type is "squeezebert" or "squeezebert-separable") (fields["intermediate_groups"], fields["output_groups"]) = (4, 2);
        var configuration = NewModel.Configure(type, fields, _tokenizer);
        configuration = configuration with
        {
            Architectures = [Graphs.Heads.ModelHeads.ClassName(configuration, Graphs.Heads.ModelHead.SequenceClassification)],
        };
        NewModel.Save(Model, configuration, _tokenizer, seed: 4);
        var recipe = Recipe.Load(_toy.Recipe("out", recipe =>
        {
            recipe.Remove("vocabulary");
            recipe.Remove("model");
            recipe["from"] = "model";
            recipe["stages"]![0]!["data"]![0]!["limit"] = rows;
            recipe["stages"]![0]!["held_out"] = 0;
        }));
        var start = new StartingPoint(recipe);
        var input = new StageInput(recipe.Stages[0], recipe.File, recipe.DataRoot, start.Tokenizer, null);
        var data = recipe.Stages[0].Task.Read(input, CancellationToken.None);
        Tensors = start.Tensors;
        Configuration = start.Configure(recipe.Stages[0], data);
        Make = tensors => new ModelPruning(input, data, Configuration, tensors, _pool);
        Rows = [.. File.ReadLines(_toy.Path("data.tsv")).Skip(1).Take(rows).Select(row => row.Split('\t'))
            .Select(row => (row[0], row[1] == "1" ? 1 : 0))];
    }

    public string Model => _toy.Path("model");

    public ModelConfiguration Configuration { get; }

    public CarriedTensors Tensors { get; }

    public Func<CarriedTensors, ModelPruning> Make { get; }

    public IReadOnlyList<(string Text, int Label)> Rows { get; }

    /// <summary>The layers of the model as it is.</summary>
    public PrunableLayers Layers => Make(Tensors).Layers;

    /// <summary>Multiplies the inputs of a linear layer that <paramref name="isChosen"/> says.</summary>
    public void Scale(LinearNode linear, float factor, Func<int, bool> isChosen)
    {
        var weight = (Parameter)linear.Weight;
        var tensor = Tensors.Find(weight.Name)!;
        var values = tensor.Data.ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            var (row, column) = (i / weight.Columns, i % weight.Columns);
            if (isChosen((row / (weight.Rows / linear.Groups) * weight.Columns) + column)) values[i] *= factor;
        }

        Tensors.Put([tensor with { Data = values }]);
    }

    /// <summary>Scores of the second label for all rows.</summary>
    public float[] Scores(ModelConfiguration configuration, CarriedTensors tensors)
    {
        var folder = _toy.Path(Guid.NewGuid().ToString());
        new Candidate(configuration, tensors, IsInt8: false, TablePrecision.Float32).Save(folder, TensorType.Float32, _tokenizer);
        using var classifier = TextClassifier.Load(folder);
        return [.. classifier.Classify([.. Rows.Select(row => row.Text)]).Select(
            answer => answer.Labels.Single(label => label.Label == configuration.Labels[1]).Score)];
    }

    public void Dispose()
    {
        _pool.Dispose();
        _toy.Dispose();
    }
}
