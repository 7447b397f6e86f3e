using System.Globalization;

namespace SqueezeBert.Release.Tests.AheadOfTime;

/// <summary>A program with the package SqueezeBert, as a user writes it: PublishAot and nothing else, and the bits of the JIT.</summary>
public sealed class UserProgramTests(UserProgramTests.UserProgram program) : IClassFixture<UserProgramTests.UserProgram>
{
    private static readonly string[] Texts = ["It stopped working after a week.", "Loved it. " + new string('x', 300), ""];

    /// <summary>In float32 and int8, with texts alone and together.</summary>
    [Fact]
    public void ItHasTheBitsOfTheJit()
    {
        var lines = Command.Run(program.Folder, program.Path, [NativePrograms.Model, .. Texts]).Trim().Split('\n');
        var sets = program.Programs.RunHere("info", "--json");
        var expected = sets.Contains("\"avx512\"", StringComparison.Ordinal) ? "avx512tiles" : "avx2";
        Assert.Equal($"kernels {expected}", lines[0]);
        var index = 1;
        foreach (var precision in (string[])["float32", "int8"])
        {
            foreach (var scores in program.Programs.ScoresHere(precision, Texts))
            {
                var numbers = lines[index++].Split(' ');
                Assert.Equal(precision, numbers[0]);
                Assert.Equal([scores["negative"], scores["neutral"], scores["positive"]],
                    numbers[1..].Select(number => float.Parse(number, CultureInfo.InvariantCulture)));
            }
        }

        Assert.Equal(lines.Length, index);
    }

    [Theory]
    [InlineData("", "x86-64-v3", false)]
    [InlineData("-p:IlcInstructionSet=native", "native", false)]
    [InlineData("-p:IlcInstructionSet=x86-64-v4", "x86-64-v4", false)]
    [InlineData("-p:IlcInstructionSet=avx2%2Cavxvnni", "avx2,avxvnni", false)]
    [InlineData("-p:IlcInstructionSet=x86-64-v2", "x86-64-v2", true)]
    [InlineData("-p:SqueezeBertInstructionSet=false", "", true)]
    public void TheBuildSetsTheProcessorsOrTellsWhatIsLost(string option, string expected, bool isTold)
    {
        string[] options = [program.Project, "-p:PublishAot=true", $"-p:RuntimeIdentifier={NativePrograms.Runtime}", "-nologo", option];
        options = [.. options.Where(text => text.Length > 0)];
        Assert.Equal(expected, Command.Run(program.Folder, "dotnet", ["msbuild", .. options, "-getProperty:IlcInstructionSet"]).Trim());
        var output = Command.Run(program.Folder, "dotnet", ["msbuild", .. options, "-t:SqueezeBertCheckInstructionSet"]);
        Assert.Equal(isTold, output.Contains("warning SQB0101", StringComparison.Ordinal));
    }

    /// <summary>The project, restored with a fresh package; compiled when it is first run.</summary>
    public sealed class UserProgram : IDisposable
    {
        public UserProgram()
        {
            _ = NativePrograms.Compiler;
            Folder = Directory.CreateDirectory(System.IO.Path.Combine(Programs.Folder, "user")).FullName;
            var feed = System.IO.Path.Combine(Folder, "feed");
            Command.Run(Repository.Root, "dotnet",
                ["pack", "src/SqueezeBert/SqueezeBert.csproj", "-c", Repository.Configuration, "--no-build", "-o", feed]);
            var package = System.IO.Path.GetFileNameWithoutExtension(Directory.EnumerateFiles(feed, "*.nupkg").Single());
            var version = package["SqueezeBert.".Length..];

            // The package goes to a cache of its own, so that another one of the same version plays no part; the compiler does not.
            File.WriteAllText(System.IO.Path.Combine(Folder, "nuget.config"), $"""
                <configuration>
                  <config>
                    <add key="globalPackagesFolder" value="cache" />
                  </config>
                  <packageSources>
                    <add key="packed" value="{feed}" />
                  </packageSources>
                  <fallbackPackageFolders>
                    <add key="restored" value="{RestoredPackages}" />
                  </fallbackPackageFolders>
                </configuration>
                """);
            Project = System.IO.Path.Combine(Folder, "user.csproj");
            File.WriteAllText(Project, $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <OutputType>Exe</OutputType>
                    <TargetFramework>net10.0</TargetFramework>
                    <ImplicitUsings>enable</ImplicitUsings>
                    <InvariantGlobalization>true</InvariantGlobalization>
                    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageReference Include="SqueezeBert" Version="{version}" />
                  </ItemGroup>
                </Project>
                """);
            File.WriteAllText(System.IO.Path.Combine(Folder, "Program.cs"), """
                using System.Globalization;
                using SqueezeBert;

                Console.WriteLine($"kernels {InferenceModel.InstructionSet}");
                foreach (var precision in (Precision[])[Precision.Float32, Precision.Int8])
                {
                    using var classifier = TextClassifier.Load(args[0], model: new ModelOptions { Precision = precision });
                    foreach (var answer in classifier.Classify(args[1..]))
                    {
                        var scores = classifier.Labels.Select(label => answer.Labels.Single(one => one.Label == label).Score);
                        Console.WriteLine($"{precision.ToString().ToLowerInvariant()} "
                            + string.Join(' ', scores.Select(score => score.ToString("R", CultureInfo.InvariantCulture))));
                    }
                }
                """);
            var (code, output, _) = Command.Try(
                Folder, "dotnet", ["restore", Project, "-p:PublishAot=true", "-r", NativePrograms.Runtime]);
            Assert.SkipWhen(
                code != 0 && output.Contains("NU1", StringComparison.Ordinal), $"the compiler cannot be restored here: {output.Trim()}");
            Assert.True(code == 0, output);
        }

        public NativePrograms Programs { get; } = new();

        public string Folder { get; }

        public string Project { get; }

        public string Path => System.IO.Path.Combine(Programs.PublishOther(Project), "user");

        private static string RestoredPackages =>
            Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } folder
                ? folder
                : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

        public void Dispose() => Programs.Dispose();
    }
}
