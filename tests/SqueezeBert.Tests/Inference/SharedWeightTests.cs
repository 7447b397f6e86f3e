using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;

namespace SqueezeBert.Tests.Inference;

/// <summary>Linear layers that have one weight in common, but not their bias or their groups.</summary>
public class SharedWeightTests
{
    private const int Width = 8;

    [Fact]
    public void LayersThatShareAWeightHaveBiasesOfTheirOwn()
    {
        var builder = new GraphBuilder();
        var x = builder.Embed(builder.Table("table", EmbeddingIndex.TokenId, 20, Width));
        var weight = builder.Parameter("shared.weight", ParameterKind.Weight, Width, Width);
        builder.Output("first", builder.Linear(x, weight, builder.Parameter("first.bias", ParameterKind.Bias, Width), 1));
        builder.Output("second", builder.Linear(x, weight, builder.Parameter("second.bias", ParameterKind.Bias, Width), 1));
        builder.Output("none", builder.Linear(x, weight, null, 1));
        using var model = new Engine(new BertConfiguration(), builder.Build(ModelHead.None), new FormulaParameters());
        using var session = model.CreateSession("first", "second", "none");
        var batch = new PackedBatch();
        batch.Add([3, 7, 11]);
        session.Run(batch);
        var plain = session.GetOutput("none").ToArray();
        foreach (var name in new[] { "first", "second" })
        {
            var bias = new float[Width];
            new FormulaParameters().Read(new Parameter(name + ".bias", ParameterKind.Bias, Width), bias);
            Assert.Contains(bias, value => value != 0);
            Assert.Equal(plain.Select((value, i) => value + bias[i % Width]), session.GetOutput(name).ToArray());
        }
    }

    [Fact]
    public void LayersThatShareAWeightMayDivideItIntoOtherGroups()
    {
        var builder = new GraphBuilder();
        var x = builder.Embed(builder.Table("table", EmbeddingIndex.TokenId, 20, Width));
        var weight = builder.Parameter("shared.weight", ParameterKind.Weight, Width, Width / 2);
        builder.Output("grouped", builder.Linear(x, weight, null, 2));
        var left = builder.Linear(builder.Columns(x, 0, Width / 2), weight, null, 1);
        var right = builder.Linear(builder.Columns(x, Width / 2, Width / 2), weight, null, 1);
        builder.Output("left", left);
        builder.Output("right", right);
        using var model = new Engine(new BertConfiguration(), builder.Build(ModelHead.None), new FormulaParameters());
        using var session = model.CreateSession("grouped", "left", "right");
        var batch = new PackedBatch();
        batch.Add([3, 7, 11]);
        session.Run(batch);
        for (var row = 0; row < 3; row++)
        {
            Assert.Equal(
                [.. session.GetOutput("left").Slice(row * Width, Width / 2),
                    .. session.GetOutput("right").Slice((row * Width) + (Width / 2), Width / 2)],
                session.GetOutput("grouped").Slice(row * Width, Width).ToArray());
        }
    }
}
