using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Training;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Gradients.Tests;

/// <summary>Loss, gradients and optimizer steps against PyTorch's on tiny models.</summary>
public sealed class ReferenceParityTests
{
    public static TheoryData<string> Models =>
    [
        "squeezebert-sequence-classification", "squeezebert-regression", "squeezebert-masked-lm", "squeezebert-token-classification",
        "squeezebert-question-answering",
        "separable-sequence-classification",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void LossAndGradientsAgree(string name)
    {
        using var model = new TrainingCase(name);
        var loss = model.Run();
        Assert.Equal(model.Expected.Floats("loss")[0], loss, 1e-5 * loss);
        foreach (var parameter in model.Graph.Parameters)
        {
            var expected = model.Expected.Floats("grad." + parameter.Name);
            var actual = model.Parameters.GradientSpan(parameter);
            var largest = expected.Max(MathF.Abs);

            var tolerance = IsZero(name, parameter) ? 1e-6 : 1e-5 * largest;
            for (var i = 0; i < expected.Length; i++)
                Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance,
                    $"{parameter.Name}[{i}]: expected {expected[i]:R}, got {actual[i]:R}, largest {largest:R}");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void FiveAdamWStepsAgree(string name)
    {
        const int Steps = 5;
        const double Rate = 2e-3;
        using var model = new TrainingCase(name);
        using var optimizer = new AdamW(model.Parameters, new AdamWOptions { WeightDecay = 0.01, DecayBiasesAndNorms = true }, model.Pool);
        var losses = model.Expected.Floats("adamw.losses");
        for (var step = 0; step < Steps; step++)
        {
            var loss = model.Run();
            Assert.Equal(losses[step], loss, 1e-5 * Math.Max(1, losses[step]));
            optimizer.Step(Rate, maxNorm: 0);
        }

        CompareParameters(model, name, "adamw.param.", Steps * Rate);
    }

    /// <summary>
    /// Decay and trust ratio on every parameter, as the reference has it. In the language model an element of a norm has noise for a
    /// gradient, which LAMB makes a step of, and all behind it follows: there the losses are compared alone.
    /// </summary>
    [Theory]
    [InlineData("squeezebert-sequence-classification", true)]
    [InlineData("squeezebert-masked-lm", false)]
    public void FiveLambStepsAgree(string name, bool hasParameters)
    {
        const int Steps = 5;
        const double Rate = 1e-2;
        using var model = new TrainingCase(name);
        using var optimizer = new Lamb(
            model.Parameters, new AdamWOptions { Epsilon = 1e-6, WeightDecay = 0.01, DecayBiasesAndNorms = true }, model.Pool);
        var losses = model.Expected.Floats("lamb.losses");
        for (var step = 0; step < Steps; step++)
        {
            var loss = model.Run();
            Assert.Equal(losses[step], loss, 1e-5 * Math.Max(1, losses[step]));
            optimizer.Step(Rate, maxNorm: 0);
        }

        if (hasParameters) CompareParameters(model, name, "lamb.param.", Steps * Rate);
    }

    // Both divide a gradient by its size, so a gradient's relative error becomes a share of the learning rate; and a gradient is a sum of
    // terms that are rounded to half a unit, 6e-8 of the larger ones. Where all of it is noise the reference's own reruns differ by 1.4e-4.
    private static void CompareParameters(TrainingCase model, string name, string group, double way)
    {
        foreach (var parameter in model.Graph.Parameters.Where(parameter => !IsZero(name, parameter)))
        {
            var expected = model.Expected.Floats(group + parameter.Name);
            var gradients = model.Expected.Floats("grad." + parameter.Name);
            var rounding = 6e-8 * gradients.Max(MathF.Abs);
            var actual = model.Parameters.ValueSpan(parameter);
            for (var i = 0; i < expected.Length; i++)
            {
                var tolerance = 3e-6 + Math.Min(2e-4, way * rounding / Math.Abs(gradients[i]));
                Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance,
                    $"{parameter.Name}[{i}]: expected {expected[i]:R}, got {actual[i]:R}, gradient {gradients[i]:R}");
            }
        }
    }

    /// <summary>
    /// Whether a gradient is zero in exact arithmetic: a key's bias moves all scores of a query alike, and what is the same for all tokens
    /// of a text moves all scores of an answer.
    /// </summary>
    private static bool IsZero(string model, Parameter parameter) => parameter.Name.EndsWith("key.bias", StringComparison.Ordinal)
        || (model == "squeezebert-question-answering"
            && parameter.Name is "qa_outputs.bias" or "transformer.encoder.layers.2.output.layernorm.bias");
}
