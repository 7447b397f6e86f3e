using SqueezeBert.Training.Starts.LeastSquares;

namespace SqueezeBert.Training.Starts.Fitting;

/// <summary>Fits the projections of an attention.</summary>
internal static class AttentionFit
{
    /// <summary>
    /// Queries, keys and values, each group's from its own channels of the student's input. The target is a linear function of the
    /// teacher's input, so the products with that input are enough.
    /// </summary>
    public static void FitProjections(FitContext context, LayerNames from, LayerNames to, float[] teacherRows, float[] rows)
    {
        var student = context.Student;
        foreach (var projection in ((string From, string To, int Groups)[])
            [
                (from.Query, to.Query, student.QueryGroups), (from.Key, to.Key, student.KeyGroups),
                (from.Value, to.Value, student.ValueGroups),
            ])
        {
            if (projection.Groups == 1) continue;
            var fits = context.Fits(projection.Groups, context.Width / projection.Groups, context.Width);
            for (var group = 0; group < fits.Length; group++)
            {
                fits[group].Add(
                    new Columns(rows, context.Width, group * fits[group].Inputs), new Columns(teacherRows, context.Width));
            }

            var dense = DenseProjection.Read(context.Teacher, projection.From, context.Width, context.Width);
            StoreProjection(context, fits, dense, projection.To);
        }
    }

    /// <summary>
    /// The projection of the heads' results, also where it is dense: it can mend what the grouped ones and the layers before have lost. The
    /// target is what brings the student's own residual to the teacher's sum.
    /// </summary>
    public static void FitOutput(FitContext context, int layer, LayerNames from, LayerNames to, float[] teacherSum, float[] rows)
    {
        var (width, groups) = (context.Width, context.Student.PostAttentionGroups);
        var part = width / groups;
        var fits = context.Fits(groups, part, part);
        context.RunStudent(layer, rows, [LayerGraphs.Context], (row, session) =>
        {
            var heads = session.GetOutput(LayerGraphs.Context);
            var target = teacherSum.AsSpan(row * width, heads.Length);
            var residual = rows.AsSpan(row * width, heads.Length);
            for (var group = 0; group < groups; group++)
                fits[group].Add(new Columns(heads, width, group * part), new Columns(target, width, group * part, residual));
        });
        var dense = DenseProjection.Read(context.Teacher, from.AttentionOutput, width, width);
        context.Store(fits, dense, group => FitContext.Range(group * part, part), to.AttentionOutput);
    }

    private static void StoreProjection(FitContext context, GroupFit[] fits, DenseProjection dense, string name)
    {
        var part = fits[0].Inputs;
        var grouped = new GroupedProjection(part, dense.Outputs);
        for (var group = 0; group < fits.Length; group++)
        {
            var fit = fits[group];
            var outputs = FitContext.Range(group * part, part);
            var coefficients = dense.Through(fit.Cross(), outputs);
            fit.Solve(coefficients, context.Ridge, dense.Block(outputs, outputs), context.CancellationToken);
            for (var o = 0; o < part; o++) grouped.Set(outputs[o], fit, coefficients, o, dense.Output(outputs[o], fit.TargetMean));
        }

        grouped.Store(name, context.Parameters);
    }
}
