using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Training.Starts.LeastSquares;

namespace SqueezeBert.Training.Starts.Fitting;

/// <summary>What the fits of all layers share.</summary>
/// <param name="Teacher">Has the dense projections.</param>
/// <param name="Student">The student's sizes and groups.</param>
/// <param name="Parameters">The student's parameters: copied at first, replaced as they are fitted.</param>
/// <param name="Sample">The tokens to fit on.</param>
/// <param name="Ridge">Penalty as a share of the inputs' mean sum of squares.</param>
/// <param name="Threads">To compute with; null: one per core.</param>
/// <param name="CancellationToken">Cancels the call.</param>
internal sealed record FitContext(
    TeacherModel Teacher, SqueezeBertConfiguration Student, FittedParameters Parameters, FitSample Sample, double Ridge, int? Threads,
    CancellationToken CancellationToken)
{
    public int Width => Student.HiddenSize;

    /// <summary>Runs a layer of the teacher on rows of its input.</summary>
    public void RunTeacher(int layer, float[] rows, IReadOnlyList<string> outputs, LayerRun.Taker take) =>
        Run(Teacher.Configuration, layer, rows, Teacher.Folder.Weights, outputs, take);

    /// <summary>Runs a layer of the student, as its parameters are now, on rows of its input.</summary>
    public void RunStudent(int layer, float[] rows, IReadOnlyList<string> outputs, LayerRun.Taker take) =>
        Run(Student, layer, rows, Parameters, outputs, take);

    /// <summary>Empty fits, one a group.</summary>
    public GroupFit[] Fits(int groups, int inputs, int targets)
    {
        var threads = Threads ?? Environment.ProcessorCount;
        return [.. Enumerable.Range(0, groups).Select(_ => new GroupFit(inputs, targets, threads))];
    }

    /// <summary>Solves the fits of a grouped projection and stores it.</summary>
    /// <param name="fits">A group's channels with its own outputs.</param>
    /// <param name="dense">The teacher's projection, which the penalty draws to.</param>
    /// <param name="inputs">The dense projection's inputs of a group.</param>
    /// <param name="name">The student's name.</param>
    public void Store(GroupFit[] fits, DenseProjection dense, Func<int, int[]> inputs, string name)
    {
        var width = dense.Outputs / fits.Length;
        var projection = new GroupedProjection(fits[0].Inputs, dense.Outputs);
        for (var group = 0; group < fits.Length; group++)
        {
            var coefficients = fits[group].Cross();
            fits[group].Solve(coefficients, Ridge, dense.Block(inputs(group), Range(group * width, width)), CancellationToken);
            for (var o = 0; o < width; o++)
                projection.Set((group * width) + o, fits[group], coefficients, o, fits[group].TargetMean(o));
        }

        projection.Store(name, Parameters);
    }

    /// <summary>Consecutive numbers.</summary>
    public static int[] Range(int start, int count) => [.. Enumerable.Range(start, count)];

    private void Run(
        ModelConfiguration configuration, int layer, float[] rows, IParameterSource source, IReadOnlyList<string> outputs,
        LayerRun.Taker take)
    {
        var graph = LayerGraphs.Of(configuration, layer, Sample.TokenCount);
        using var run = new LayerRun(configuration, graph, new WithRows(rows, source), Sample, asRows: true, Threads);
        run.Run(outputs, take, CancellationToken);
    }

    private sealed class WithRows(float[] rows, IParameterSource others) : IParameterSource
    {
        public void Read(Parameter parameter, Span<float> destination)
        {
            if (parameter.Name == LayerGraphs.Rows) rows.CopyTo(destination);
            else others.Read(parameter, destination);
        }
    }
}
