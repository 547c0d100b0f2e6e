// SPDX-License-Identifier: Apache-2.0
// Table B: names of the JVM's languages. B11 and B12 are with the paths.
#include <gtest/gtest.h>

#include "tests/processor/symbols/symbol_cases.h"

namespace flameway {
namespace {

constexpr FrameType kJvm = FrameType::kJvm;
constexpr FrameType kAbsent = FrameType::kAbsent;

constexpr SymbolCase kCases[] = {
    // B1
    {"jvm.lambda_counter", "org/ex/Enclosing$$Lambda$4/1283928880", "org/ex/Enclosing$$Lambda_",
     kJvm},
    {"jvm.lambda_counter", "org/ex/Enclosing$$Lambda$14.run", "org/ex/Enclosing$$Lambda_.run",
     kAbsent},
    // B2
    {"jvm.lambda_hidden_class", "org/ex/Enclosing$$Lambda$8/0x0000000800c01220",
     "org/ex/Enclosing$$Lambda_", kJvm},
    // B3
    {"jvm.lambda_address", "Fib$$Lambda.0x00007ffa600c4da0", "Fib$$Lambda_", kJvm},
    {"jvm.lambda_address", "Fib$$Lambda/0x00007ffa600c4da0.run", "Fib$$Lambda_.run", kAbsent},
    {"jvm.lambda_address", "Fib$$Lambda+0x00007ffa600c4da0.run", "Fib$$Lambda_.run", kJvm},
    {"jvm.lambda_hidden_class", "a.B$$Lambda$14+0x0000000800c01220.get", "a.B$$Lambda_.get", kJvm},
    // B4
    {"jvm.lambda_dotted", "Burn$$Lambda$1.0x00007f19f8000a08.get", "Burn$$Lambda_.get", kJvm},
    {"jvm.lambda_dotted", "void Burn$$Lambda$1.0x00007f19f8000a08.run(int)",
     "void Burn$$Lambda_.run(int)", kJvm},
    // B5
    {"jvm.lambda_wrapped", "Context$$Lambda$lambda$wrap$2$2630016632.0x00000000000100dd.call",
     "Context$$Lambda_.call", kJvm},
    // B6
    {"jvm.lambda_form", "java/lang/invoke/LambdaForm$MH.0x00007f19f8003000.invoke",
     "java/lang/invoke/LambdaForm$MH_.invoke", kJvm},
    {"jvm.lambda_form", "java/lang/invoke/LambdaForm$DMH/0x0000000800c01220.invokeStatic",
     "java/lang/invoke/LambdaForm$DMH_.invokeStatic", kAbsent},
    {"jvm.lambda_form", "java.lang.invoke.LambdaForm$MH+0x00007f19f8003000.invoke",
     "java.lang.invoke.LambdaForm$MH_.invoke", kJvm},
    {"jvm.lambda_form", "java.lang.invoke.LambdaForm$BMH$12.reinvoke",
     "java.lang.invoke.LambdaForm$BMH_.reinvoke", kJvm},
    // B7
    {"jvm.reflection_accessor", "jdk/internal/reflect/GeneratedMethodAccessor31",
     "jdk/internal/reflect/GeneratedMethodAccessor_", kJvm},
    {"jvm.reflection_accessor", "sun.reflect.GeneratedConstructorAccessor7.newInstance",
     "sun.reflect.GeneratedConstructorAccessor_.newInstance", kAbsent},
    {"jvm.reflection_accessor",
     "jdk/internal/reflect/GeneratedSerializationConstructorAccessor2.newInstance",
     "jdk/internal/reflect/GeneratedSerializationConstructorAccessor_.newInstance", kJvm},
    // B8
    {"jvm.cglib", "foo/bar/Baz$$EnhancerBySpringCGLIB$$1234567890",
     "foo/bar/Baz$$EnhancerBySpringCGLIB$$_", kJvm},
    {"jvm.cglib", "foo/bar/Baz$$EnhancerByCGLIB$$1a2b3c4d.run",
     "foo/bar/Baz$$EnhancerByCGLIB$$_.run", kAbsent},
    {"jvm.cglib", "Baz$$EnhancerBySpringCGLIB$$12ab34cd$$FastClassBySpringCGLIB$$9f8e7d6c.invoke",
     "Baz$$EnhancerBySpringCGLIB$$_$$FastClassBySpringCGLIB$$_.invoke", kJvm},
    {"jvm.cglib", "foo.Baz$$SpringCGLIB$$0.run", "foo.Baz$$SpringCGLIB$$_.run", kJvm},
    {"jvm.cglib", "foo.Baz$$SpringCGLIB$$FastClass$$1.invoke",
     "foo.Baz$$SpringCGLIB$$FastClass$$_.invoke", kJvm},
    // B9
    {"jvm.proxy", "com/sun/proxy/$Proxy123.foo", "com/sun/proxy/$Proxy_.foo", kJvm},
    {"jvm.proxy", "jdk.proxy2.$Proxy41.foo", "jdk.proxy2.$Proxy_.foo", kJvm},
    {"jvm.proxy", "jdk.proxy2.$Proxy41.foo", "jdk.proxy2.$Proxy_.foo", kAbsent},
    {"jvm.proxy", "$Proxy41.foo", "$Proxy_.foo", kJvm},
    // B10
    {"jvm.byte_buddy", "Foo$ByteBuddy$AbCdEf12", "Foo$ByteBuddy$_", kJvm},
    {"jvm.byte_buddy", "Foo$MockitoMock$987", "Foo$MockitoMock$_", kAbsent},
    {"jvm.byte_buddy", "Foo$HibernateProxy$aB3dE.getId", "Foo$HibernateProxy$_.getId", kJvm},
    {"jvm.byte_buddy", "Foo$MockitoMock$auxiliary$XyZ12.call", "Foo$MockitoMock$auxiliary$_.call",
     kJvm},
    {"jvm.byte_buddy", "Foo$ByteBuddy$aB3$auxiliary$XyZ12.call", "Foo$ByteBuddy$_$auxiliary$_.call",
     kJvm},
    // B13
    {"jvm.signature", "boolean java.lang.StringLatin1.equals(byte[], byte[])",
     "java.lang.StringLatin1.equals", kJvm},
    // B14
    {"jvm.descriptor", "Lorg/mozilla/Foo;.call(Lorg/mozilla/Bar;)Ljava/lang/Object;",
     "org/mozilla/Foo.call", kJvm},
    {"jvm.descriptor", "Lorg/mozilla/Foo;.call(Lorg/moz", "org/mozilla/Foo.call", kJvm},
    {"jvm.descriptor", "Lorg/mozilla/Foo;::call", "org/mozilla/Foo.call", kJvm},
    {"jvm.descriptor", ".run()V", ".run", kJvm},
    {"jvm.descriptor", "java/lang/String.equals([BJLjava/lang/Object;)[[I",
     "java/lang/String.equals", kJvm},
    // B15
    {"jvm.separator", "java/lang/Thread.run", "java.lang.Thread.run", kJvm},
    // B16
    {"jvm.async_profiler_mark", "foo_[j]", "foo", kJvm},
    {"jvm.async_profiler_mark", "foo_[i]", "foo", kAbsent},
    {"jvm.async_profiler_mark", "foo_[0]", "foo", kAbsent},
    {"jvm.async_profiler_mark", "foo_[1]", "foo", FrameType::kUnknown},
    // B17
    {"jvm.hidden_class", "com/foo/Bar/0x0000000800c01220.run", "com/foo/Bar.run", kJvm},
    {"jvm.hidden_class", "com.foo.Bar.0x00007f19f8000a08.run", "com.foo.Bar.run", kJvm},
    {"jvm.hidden_class", "com/foo/Bar/1283928880", "com/foo/Bar", kJvm},
    {"jvm.hidden_class", "com.foo.Bar+0x0000000800c01220.run", "com.foo.Bar.run", kJvm},
    {"jvm.hidden_class", "com.foo.Bar.run+0x1b", "com.foo.Bar.run+0x1b", kJvm},
    // B18
    {"jvm.package", "java.util.concurrent.ThreadPoolExecutor$Worker.run",
     "ThreadPoolExecutor$Worker.run", kJvm},
    {"jvm.package", "java.bar.foo.FooBar.run(java.lang.Runnable)", "FooBar.run", kJvm},
    {"jvm.package", "java/util/HashMap.<init>", "HashMap.<init>", kJvm},
    // B19
    {"jvm.lambda_method_index", "FloatBench.lambda$run$0", "FloatBench.lambda$run$", kJvm},
    // B20
    {"jvm.other_languages", "Foo$_run_closure1$_closure7", "Foo$_run_closure_$_closure_", kJvm},
    {"jvm.other_languages", "Foo.$anonfun$map$3", "Foo.$anonfun$map$", kJvm},
    {"jvm.other_languages", "Vector.$plus$plus", "Vector.++", kJvm},
    {"jvm.other_languages", "MainKt.main$lambda$3", "MainKt.main$lambda$", kJvm},
    // B21
    {"jvm.android_lambda", "Foo.$r8$lambda$AbC-x_12", "Foo.$r8$lambda$_", kJvm},
    {"jvm.android_lambda", "Foo$$ExternalSyntheticLambda3.run", "Foo$$ExternalSyntheticLambda_.run",
     kJvm},
};

TEST(JvmRulesTest, EachRowOfTheTableHolds) { ExpectCases(kCases); }

TEST(JvmRulesTest, MarksOfAsyncProfilerBecomeTheFrameType) {
  const SymbolNormalizer normalizer = MakeNormalizer();
  for (const std::string_view name : {"foo_[j]", "foo_[i]", "foo_[0]", "foo_[1]"}) {
    const auto result = normalizer.NormalizeFunctionName({.name = name});
    EXPECT_EQ(result.text, "foo");
    EXPECT_EQ(result.learnt_type, kJvm);
  }
  const auto plain = normalizer.NormalizeFunctionName({.name = "foo"});
  EXPECT_EQ(plain.text, std::nullopt);
  EXPECT_EQ(plain.learnt_type, kAbsent);
}

TEST(JvmRulesTest, AMarkOpensTheGateOfItsLanguage) {
  EXPECT_EQ(NameAfter(MakeNormalizer(), "com/foo/Bar/0x0000000800c01220.run_[j]", kAbsent),
            "com/foo/Bar.run");
}

TEST(JvmRulesTest, SeparatorsCanBecomeSlashes) {
  const SymbolNormalizer normalizer = MakeNormalizer(
      {.switches = {{"jvm.separator", SwitchState::kOn}}, .jvm_separator = JvmSeparator::kSlash});
  EXPECT_EQ(NameAfter(normalizer, "java.lang.Thread.run", kJvm), "java/lang/Thread.run");
  EXPECT_EQ(NameAfter(normalizer, "boolean java.lang.Thread.run(java.lang.Object)", kJvm),
            "boolean java/lang/Thread.run(java.lang.Object)");
}

TEST(JvmRulesTest, OrdinaryNamesStay) {
  const SymbolNormalizer normalizer = MakeNormalizer();
  for (const std::string_view name : {"java/util/concurrent/Executors$RunnableAdapter",
                                      "java.lang.Thread.run",
                                      "boolean java.lang.StringLatin1.equals(byte[], byte[])",
                                      "Foo$1.run",
                                      "Foo$Bar$2$3",
                                      "Foo$$Lambda",
                                      "Foo$$Lambda_.run",
                                      "Foo.lambda$run$0",
                                      "com/sun/proxy/$ProxyFactory.get",
                                      "GeneratedMethodAccessor31",
                                      "reflect/GeneratedMethodAccessorX",
                                      "LambdaForm$MH.invoke",
                                      "Foo$$EnhancerBySpringCGLIB$$",
                                      "Foo.<init>",
                                      "Foo.<clinit>",
                                      "scala.$plus$plus",
                                      "org.apache.Foo.x(int)",
                                      "L;.call",
                                      "Interpreter",
                                      "call_stub",
                                      "vtable stub"}) {
    EXPECT_EQ(NameAfter(normalizer, name, kJvm), name);
  }
}

}  // namespace

std::span<const SymbolCase> JvmCases() { return kCases; }

}  // namespace flameway
