// Words for a gap, and which of some given words fits it best.
using SqueezeBert;

using var model = await SampleModel.OpenAsync(args, "SqueezeBertForMaskedLM");
using var filler = MaskFiller.Load(model.Path, new MaskFillerOptions { Top = 3 });

MaskFilling filling = filler.Fill("The film was [MASK] and the music [MASK].");
foreach (var mask in filling.Masks)
    Console.WriteLine($"gap: {string.Join(", ", mask.Tokens.Select(token => $"{token.Token} {token.Score:0.0000}"))}");

MaskFilling choice = filler.Fill("The film was [MASK].", targets: ["good", "bad"]);
Console.WriteLine($"of two: {choice.Text}");
